package location

import (
	"context"
	"fmt"
	"time"

	"waybill/crm"
	"waybill/internal/access"
	"waybill/tracking"
)

// reloadPace is how long at least there is between two looks at what vehicles carry for
// a customer whose shipments keep changing.
const reloadPace = 250 * time.Millisecond

// CarriedNews is what a watcher of a customer is told.
type CarriedNews struct {
	// Shipments are those that are new or elsewhere; with All, all that there are.
	Shipments []Carried
	All       bool
	// Gone are resource names of shipments that are on no vehicle any more.
	Gone []string
}

// WatchCustomer calls send with where a customer's shipments are that are on vehicles:
// all at first, then what changes, until the context ends or send fails. While send
// works, changes of a vehicle become one: it always gets the newest.
//
// It fails with [crm.ErrNotFound] for another's customer, with
// [order.ErrTooManyWatchers], and with [tracking.ErrClosed] when the process stops.
func (s *Service) WatchCustomer(ctx context.Context, customer string, send func(CarriedNews) error) error {
	// Before the first look, so that nothing is missed in between.
	changes, err := s.Changes.WatchCustomer(customer)
	if err != nil {
		return err
	}
	defer changes.Close()
	w := customerWatch{service: s, customer: customer, send: send, staff: access.FromContext(ctx).Role != access.Customer}
	for {
		if err := w.watchLoads(ctx, changes.C()); err != nil {
			return err
		}
		pause := time.NewTimer(reloadPace)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
}

// customerWatch is one call of WatchCustomer.
type customerWatch struct {
	service  *Service
	customer string
	send     func(CarriedNews) error
	staff    bool
	told     map[string]Carried // by resource name of the shipment; nil before the first
}

// watchLoads sends where the loads are again and again until there are others (then it
// returns nil) or the watch ends.
func (w *customerWatch) watchLoads(ctx context.Context, changed <-chan struct{}) error {
	s := w.service
	loads, err := s.loads(ctx, w.customer)
	if err != nil {
		return err
	}
	vehicles := vehiclesOf(loads)
	news, stop := s.follow(ctx, vehicles)
	defer stop()
	names, err := s.names(ctx, vehicles)
	if err != nil {
		return err
	}
	positions, err := s.positions(ctx, vehicles)
	if err != nil {
		return err
	}
	for {
		if err := w.tell(loads, positions, names); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
			return nil
		case n := <-news:
			if n.err != nil {
				return n.err
			}
			merge(positions, n.positions)
		}
	}
}

// merge takes positions that are not older than those that are known: the hub may be
// behind what the store said.
func merge(positions map[string]tracking.Position, news []tracking.Position) {
	for _, p := range news {
		if !p.Fix.Time.Before(positions[p.Vehicle].Fix.Time) {
			positions[p.Vehicle] = p
		}
	}
}

// tell sends what the reader doesn't know.
func (w *customerWatch) tell(loads []load, positions map[string]tracking.Position, names map[string]string) error {
	first := w.told == nil
	tell := CarriedNews{All: first}
	now := make(map[string]Carried, len(loads))
	for _, l := range loads {
		uid := l.custody.Vehicle()
		position, seen := positions[uid]
		c := l.carried(position, seen, names[uid], w.staff)
		name := crm.ShipmentName(l.order, l.id)
		now[name] = c
		if known, ok := w.told[name]; !ok || !c.same(known) {
			tell.Shipments = append(tell.Shipments, c)
		}
	}
	for name := range w.told {
		if _, ok := now[name]; !ok {
			tell.Gone = append(tell.Gone, name)
		}
	}
	w.told = now
	if !first && len(tell.Shipments) == 0 && len(tell.Gone) == 0 {
		return nil
	}
	if err := w.send(tell); err != nil {
		return fmt.Errorf("send what vehicles carry: %w", err)
	}
	return nil
}
