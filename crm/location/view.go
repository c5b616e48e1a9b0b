package location

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"waybill/crm"
	"waybill/crm/order"
	"waybill/internal/access"
	"waybill/tracking"
)

// view is all that an order's location needs but the positions of vehicles: it
// changes only when something happens to the order.
type view struct {
	tracked  order.Tracked
	language string
	// places are those that have or will have a shipment, by resource name.
	places map[string]Place
	// staff may know names, and customers the words.
	staff bool
}

// view reads the view of an order, if the caller in the context may see it.
func (s *Service) view(ctx context.Context, id string) (view, error) {
	tracked, err := s.Orders.Track(ctx, id)
	if err != nil {
		return view{}, err
	}
	caller := access.FromContext(ctx)
	if !caller.Sees(crm.CustomerName(tracked.Order.Customer)) {
		return view{}, crm.NotFound(crm.OrderName(id))
	}
	v := view{tracked: tracked, staff: caller.Role != access.Customer}
	names := v.placeNames()
	if v.places, v.language, err = readPlaces(ctx, s.Pool, tracked.Order.Customer, names); err != nil {
		return view{}, err
	}
	for _, uid := range v.vehicles() {
		vehicle, err := s.Vehicles.Vehicle(ctx, uid)
		if err != nil && !errors.Is(err, tracking.ErrNotFound) {
			return view{}, fmt.Errorf("vehicle %s: %w", uid, err)
		}
		v.places[crm.VehicleName(uid)] = Place{
			Name: crm.VehicleName(uid), Kind: crm.Vehicle, DisplayName: vehicle.DisplayName,
		}
	}
	return v, nil
}

// vehicles are the uids of the vehicles that have a shipment now.
func (v view) vehicles() []string {
	var uids []string
	for _, s := range v.tracked.Shipments {
		if uid := crm.VehicleOf(s.State.Holder); uid != "" && !slices.Contains(uids, uid) {
			uids = append(uids, uid)
		}
	}
	return uids
}

func (v view) destination() string {
	o := v.tracked.Order
	if o.Destination == "" {
		return ""
	}
	return crm.SiteName(o.Customer, o.Destination)
}

// placeNames are the resource names of the places that the answer speaks of.
func (v view) placeNames() []string {
	names := []string{v.destination()}
	for _, s := range v.tracked.Shipments {
		names = append(names, s.State.Holder)
		if last := len(s.State.Custody) - 1; last >= 0 {
			names = append(names, s.State.Custody[last].Origin)
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n == "" })
}
