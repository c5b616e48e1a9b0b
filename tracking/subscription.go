package tracking

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"waybill/geo"
)

// Filter says which positions a subscriber wants. The zero value is all.
type Filter struct {
	// Vehicles and Devices are uids. With any, only positions of these come.
	Vehicles, Devices []string
	// Box, when it is there, lets only positions inside through, and of what was
	// inside the first one outside, so that it is seen to leave. West may be greater
	// than east, across the antimeridian.
	Box *orb.Bound
	// Own lets only positions through that this process has stored itself.
	Own bool
}

func (f Filter) named() bool { return len(f.Vehicles)+len(f.Devices) > 0 }

// subjects are those that the filter names.
func (f Filter) subjects(yield func(subject) bool) {
	for _, uid := range f.Vehicles {
		if !yield(subject{vehicle: uid}) {
			return
		}
	}
	for _, uid := range f.Devices {
		if !yield(subject{device: uid}) {
			return
		}
	}
}

// Subscription is one reader's view of the [Hub].
type Subscription struct {
	hub    *Hub
	filter Filter
	// wake holds a token while positions may be waiting.
	wake  chan struct{}
	ended chan struct{}
	end   func() // closes ended, once

	mu sync.Mutex
	// read is how far the reader is; guarded by mu.
	read uint64
	// inside are the devices that the reader knows to be in the box; guarded by mu.
	inside map[string]struct{}
	// resumed says that the reader may know of devices in the box which are not in
	// inside; guarded by mu.
	resumed bool
}

func newSubscription(hub *Hub, filter Filter, read uint64) *Subscription {
	s := &Subscription{
		hub: hub, filter: filter, read: read,
		wake: make(chan struct{}, 1), ended: make(chan struct{}), inside: make(map[string]struct{}),
	}
	s.end = sync.OnceFunc(func() { close(s.ended) })
	return s
}

func (s *Subscription) signal() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake already
	}
}

// Next waits until there are positions and takes them: one a vehicle (or device that
// is on none), in the order in which they became known. It fails with [ErrClosed]
// after Close, and with the context's error.
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

// Cursor is how far the reader is: after Next, with what that returned.
func (s *Subscription) Cursor() Cursor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Cursor{Hub: s.hub.id, Sequence: s.read}
}

// Knows tells the subscription of positions that its reader has from elsewhere, as
// from the store: when they leave the filter's box, it wants to see that.
func (s *Subscription) Knows(positions []Position) {
	if s.filter.Box == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range positions {
		s.passes(&positions[i])
	}
}

func (s *Subscription) take() []Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hub.mu.RLock()
	defer s.hub.mu.RUnlock()
	changed := s.changed()
	if s.filter.named() {
		changed = s.changedNamed()
	}
	var positions []Position
	for e := range changed {
		if s.filter.Own && e.repeated || !s.passes(&e.position) {
			continue
		}
		positions = append(positions, e.position)
	}
	s.read, s.resumed = s.hub.board.sequence, false
	return positions
}

// changed are the entries that the reader has not read, oldest first. It is called
// under the hub's lock.
func (s *Subscription) changed() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		first := s.hub.board.newest
		for first != nil && first.before != nil && first.before.sequence > s.read {
			first = first.before
		}
		for e := first; e != nil; e = e.after {
			if e.sequence > s.read && s.hub.board.shows(e) && !yield(e) {
				return
			}
		}
	}
}

// changedNamed are those of the entries that the filter names.
func (s *Subscription) changedNamed() iter.Seq[*entry] {
	var entries []*entry
	add := func(e *entry) {
		if e != nil && e.sequence > s.read {
			entries = append(entries, e)
		}
	}
	for _, uid := range s.filter.Vehicles {
		add(s.hub.board.vehicles[uid])
	}
	for _, uid := range s.filter.Devices {
		add(s.hub.board.devices[uid])
	}
	slices.SortFunc(entries, func(a, b *entry) int { return cmp.Compare(a.sequence, b.sequence) })
	return slices.Values(slices.Compact(entries))
}

// passes says whether the reader wants to see the position, and notes whether it is
// in the box. It is called under mu.
func (s *Subscription) passes(p *Position) bool {
	if s.filter.Box == nil {
		return true
	}
	if geo.InBox(*s.filter.Box, p.Fix.Position) {
		s.inside[p.Device] = struct{}{}
		return true
	}
	_, known := s.inside[p.Device]
	delete(s.inside, p.Device)
	return known || s.resumed
}

// Close ends the subscription. It may be called more than once and while Next
// waits.
func (s *Subscription) Close() {
	s.end()
	s.hub.unsubscribe(s)
}
