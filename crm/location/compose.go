package location

import (
	"math"
	"time"

	"waybill/crm"
	"waybill/crm/order"
	"waybill/tracking"
)

// compose says where each shipment is. It is pure: the positions are those known of
// the vehicles, by uid, and live is how old one may be and still be called live.
func (v view) compose(positions map[string]tracking.Position, now time.Time, live time.Duration) Location {
	location := Location{Order: v.tracked.Order}
	for _, s := range v.tracked.Shipments {
		location.Shipments = append(location.Shipments, v.shipment(s, positions, now, live))
	}
	return location
}

func (v view) shipment(s order.TrackedShipment, positions map[string]tracking.Position, now time.Time, live time.Duration) Shipment {
	state := s.State
	at := Shipment{
		ID: s.Shipment.ID, Status: state.Status, Stage: state.Stage, Disposition: state.Disposition,
		Since: state.Since, Stages: state.Stages, Freshness: Unknown, Speed: math.NaN(), Course: math.NaN(),
		Place: v.place(state.Holder), Next: v.next(state),
	}
	switch {
	case state.Holder == "":
		at.Unknown = NotYetMade
	case crm.VehicleOf(state.Holder) != "":
		position, seen := positions[crm.VehicleOf(state.Holder)]
		v.onVehicle(&at, state.Custody[len(state.Custody)-1], position, seen)
		if at.Freshness == LastKnown && at.AsOf.Equal(position.Fix.Time) && now.Sub(at.AsOf) <= live {
			at.Freshness = Live
		}
	default:
		if at.Place != nil && at.Place.Point != nil {
			at.Point, at.AsOf, at.Freshness = at.Place.Point, now, Fixed
		}
	}
	return at
}

// onVehicle says where a shipment on a vehicle is, as last known. A position from
// before it was loaded is not of the goods: they were where they were loaded then.
func (v view) onVehicle(at *Shipment, custody order.Interval, position tracking.Position, seen bool) {
	if seen && custody.Covers(position.Fix.Time) {
		point := position.Fix.Position
		at.Point, at.AsOf, at.Freshness = &point, position.Fix.Time, LastKnown
		at.Speed, at.Course = position.Fix.Speed, position.Fix.Course
		return
	}
	origin, known := v.places[custody.Origin]
	switch {
	case !seen:
		at.Unknown = NeverSeen
	case !known || origin.Point == nil:
		at.Unknown = NotSeenSince
	default:
		at.Point, at.AsOf, at.Freshness = origin.Point, custody.From, LastKnown
	}
}

// next is where a shipment goes. Before there are runs that is its destination.
func (v view) next(state order.State) *Place {
	destination := v.destination()
	switch {
	case state.Stage == order.Delivered, state.Stage == order.Installed, state.Stage == order.Returned,
		state.Arrived, state.Holder == destination:
		return nil
	}
	return v.place(destination)
}

// place is the place with the resource name as the asker may see it. Customers learn
// the words for our places and vehicles, and the names of their own sites.
func (v view) place(name string) *Place {
	p, ok := v.places[name]
	if !ok {
		return nil
	}
	if !v.staff && p.Kind != crm.Site {
		p.Name = ""
	}
	if v.staff && p.DisplayName == "" {
		p.DisplayName = crm.VehicleOf(name)
	}
	return &p
}
