package location

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"waybill/crm"
	"waybill/crm/order"
	"waybill/internal/access"
	"waybill/tracking"
)

// Carried is where a shipment is that is on a vehicle.
type Carried struct {
	// Order and ID name the shipment.
	Order, ID string
	// DisplayName is what people call the vehicle.
	DisplayName string
	// Vehicle is its resource name; empty where the asker may not know more than the
	// words.
	Vehicle string
	// Point is where the vehicle was seen with the goods on it, longitude and latitude
	// in degrees; nil while it has not been.
	Point *orb.Point
	// AsOf is when the point was true.
	AsOf time.Time
	// Speed over ground is in metres a second, Course in degrees clockwise from true
	// north; NaN when unknown.
	Speed, Course float64
}

// load is a shipment on a vehicle: who has custody, and since when.
type load struct {
	order, id string
	custody   order.Interval
}

// loads reads which of a customer's shipments are on vehicles now, if the caller in
// the context may see them. It fails with [crm.ErrNotFound] for another's customer, and
// where there is none.
func (s *Service) loads(ctx context.Context, customer string) ([]load, error) {
	name := crm.CustomerName(customer)
	if !access.FromContext(ctx).Sees(name) {
		return nil, crm.NotFound(name)
	}
	// One row more, without a shipment, says that there is the customer.
	rows, err := s.Pool.Query(ctx, `
		select '', '', '', now() from crm.customer where id = $1
		union all
		select c.order_id, c.shipment, c.holder, c.from_time
		from crm.orders o join crm.custody c on c.order_id = o.id
		where o.customer = $1 and c.holder like 'vehicles/%' and c.to_time = 'infinity'
		order by 1, 2`, customer)
	if err != nil {
		return nil, fmt.Errorf("read what vehicles carry for %s: %w", name, err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (load, error) {
		var l load
		return l, row.Scan(&l.order, &l.id, &l.custody.Holder, &l.custody.From)
	})
	if err != nil {
		return nil, fmt.Errorf("read what vehicles carry for %s: %w", name, err)
	}
	if len(all) == 0 {
		return nil, crm.NotFound(name)
	}
	return all[1:], nil
}

// vehiclesOf are the uids of the vehicles that carry the loads, each once.
func vehiclesOf(loads []load) []string {
	uids := make([]string, 0, len(loads))
	for _, l := range loads {
		uids = append(uids, l.custody.Vehicle())
	}
	slices.Sort(uids)
	return slices.Compact(uids)
}

// names reads what people call the vehicles, by uid.
func (s *Service) names(ctx context.Context, vehicles []string) (map[string]string, error) {
	names := make(map[string]string, len(vehicles))
	for _, uid := range vehicles {
		vehicle, err := s.Vehicles.Vehicle(ctx, uid)
		if err != nil && !errors.Is(err, tracking.ErrNotFound) {
			return nil, fmt.Errorf("vehicle %s: %w", uid, err)
		}
		names[uid] = vehicle.DisplayName
	}
	return names, nil
}

// carried says where the load is, as far as the caller may know: a position from before
// it was loaded is not of the goods.
func (l load) carried(position tracking.Position, seen bool, name string, staff bool) Carried {
	c := Carried{Order: l.order, ID: l.id, DisplayName: name, Speed: math.NaN(), Course: math.NaN()}
	if staff {
		c.Vehicle = l.custody.Holder
	}
	if seen && l.custody.Covers(position.Fix.Time) {
		point := position.Fix.Position
		c.Point, c.AsOf, c.Speed, c.Course = &point, position.Fix.Time, position.Fix.Speed, position.Fix.Course
	}
	return c
}

// same says whether a reader that knows the one needs not be told the other.
func (c Carried) same(as Carried) bool {
	return c.DisplayName == as.DisplayName && c.AsOf.Equal(as.AsOf) && (c.Point == nil) == (as.Point == nil)
}
