package location

import (
	"context"
	"fmt"
	"sync"
	"time"

	"waybill/tracking"
)

// Watch calls send with where the order with the id is: now, and whenever that
// changes, until the context ends, send fails, or the order is no longer to be seen.
// While send works, changes become one: it always gets the newest.
//
// It fails with [crm.ErrNotFound] as Get does, with [order.ErrTooManyWatchers], and
// with [tracking.ErrClosed] when the process stops.
func (s *Service) Watch(ctx context.Context, id string, send func(Location) error) error {
	// Before the first look, so that nothing is missed in between.
	changes, err := s.Changes.Watch(id)
	if err != nil {
		return err
	}
	defer changes.Close()
	for {
		if err := s.watchView(ctx, id, changes.C(), send); err != nil {
			return err
		}
	}
}

// watchView sends the location again and again until something happens to the order
// (then it returns nil) or the watch ends.
func (s *Service) watchView(ctx context.Context, id string, changed <-chan struct{}, send func(Location) error) error {
	v, err := s.view(ctx, id)
	if err != nil {
		return err
	}
	news, stop := s.follow(ctx, v.vehicles())
	defer stop()
	positions, err := s.positions(ctx, v.vehicles())
	if err != nil {
		return err
	}
	aging := time.NewTimer(time.Hour)
	defer aging.Stop()
	for {
		location := s.compose(ctx, v, positions)
		if err := send(location); err != nil {
			return fmt.Errorf("send a location: %w", err)
		}
		aging.Reset(s.untilOld(location))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
			return nil
		case <-aging.C:
		case n := <-news:
			if n.err != nil {
				return n.err
			}
			merge(positions, n.positions)
		}
	}
}

// untilOld is how long until a live position is live no more, without a new one.
func (s *Service) untilOld(location Location) time.Duration {
	wait := time.Hour
	for _, shipment := range location.Shipments {
		if shipment.Freshness == Live {
			wait = min(wait, max(0, shipment.AsOf.Add(s.live).Sub(s.now()))+time.Millisecond)
		}
	}
	return wait
}

type news struct {
	positions []tracking.Position
	err       error
}

// follow hands on the positions of the vehicles as they come, until stop, which
// waits for its end. Positions that come while the reader works are one each vehicle.
func (s *Service) follow(ctx context.Context, vehicles []string) (<-chan news, func()) {
	if len(vehicles) == 0 {
		// A filter that names nobody would mean all.
		return nil, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	subscription := s.Positions.Subscribe(tracking.Filter{Vehicles: vehicles})
	out := make(chan news)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			positions, err := subscription.Next(ctx)
			select {
			case out <- news{positions: positions, err: err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	})
	return out, func() {
		cancel()
		subscription.Close()
		running.Wait()
	}
}
