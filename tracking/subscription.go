package tracking

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"waybill/geo"
)

// Filter says which positions a subscriber wants. The zero value is all.
type Filter struct {
	// Vehicles and Devices are uids. With any, only positions of these come.
	Vehicles, Devices []string
	// Box, when it is there, lets only positions inside through. West may be
	// greater than east, across the antimeridian.
	Box *orb.Bound
}

func (f Filter) subjects() []subject {
	subjects := make([]subject, 0, len(f.Vehicles)+len(f.Devices))
	for _, uid := range f.Vehicles {
		subjects = append(subjects, subject{vehicle: uid})
	}
	for _, uid := range f.Devices {
		subjects = append(subjects, subject{device: uid})
	}
	return subjects
}

// Subscription is one reader's view of the [Hub]. A reader that is slow gets the
// newest position of each vehicle and misses those in between, so what waits for
// it is never more than the fleet.
type Subscription struct {
	hub    *Hub
	filter Filter
	// wake holds a token while positions may be waiting.
	wake  chan struct{}
	ended chan struct{}
	end   func() // closes ended, once

	mu      sync.Mutex
	pending map[subject]Position // guarded by mu
}

func newSubscription(hub *Hub, filter Filter) *Subscription {
	s := &Subscription{
		hub: hub, filter: filter,
		wake: make(chan struct{}, 1), ended: make(chan struct{}),
		pending: make(map[subject]Position),
	}
	s.end = sync.OnceFunc(func() { close(s.ended) })
	return s
}

func (s *Subscription) offer(p *Position) {
	if s.filter.Box != nil && !geo.InBox(*s.filter.Box, p.Fix.Position) {
		return
	}
	s.mu.Lock()
	// A vehicle's devices are committed side by side, and a relay tells again what
	// held when it came back.
	if waiting, ok := s.pending[subjectOf(*p)]; !ok || !p.Fix.Time.Before(waiting.Fix.Time) {
		s.pending[subjectOf(*p)] = *p
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default: // it is awake already
	}
}

// Next waits until there are positions and takes them: one a vehicle (or device
// that is on none), sorted by uid. It fails with [ErrClosed] after Close, and with
// the context's error.
func (s *Subscription) Next(ctx context.Context) ([]Position, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		select {
		case <-s.ended:
			return nil, ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.wake:
			if positions := s.take(); len(positions) > 0 {
				return positions, nil
			}
		}
	}
}

func (s *Subscription) take() []Position {
	s.mu.Lock()
	positions := make([]Position, 0, len(s.pending))
	for _, p := range s.pending {
		positions = append(positions, p)
	}
	clear(s.pending)
	s.mu.Unlock()
	slices.SortFunc(positions, func(a, b Position) int {
		return cmp.Or(cmp.Compare(a.Vehicle, b.Vehicle), cmp.Compare(a.Device, b.Device))
	})
	return positions
}

// Close ends the subscription. It may be called more than once and while Next
// waits.
func (s *Subscription) Close() {
	s.end()
	s.hub.unsubscribe(s)
}
