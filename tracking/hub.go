package tracking

import "sync"

// Hub tells subscribers where vehicles are, as it becomes known. It keeps nothing:
// who subscribes reads first what the store has.
type Hub struct {
	mu     sync.RWMutex
	closed bool                                   // guarded by mu
	all    map[*Subscription]struct{}             // guarded by mu; those that name nobody
	named  map[subject]map[*Subscription]struct{} // guarded by mu; by whom they name
}

// NewHub returns a hub without subscribers.
func NewHub() *Hub {
	return &Hub{all: make(map[*Subscription]struct{}), named: make(map[subject]map[*Subscription]struct{})}
}

// subject is what a position is about: the vehicle, or the device that is on none.
type subject struct {
	vehicle, device string
}

func subjectOf(p Position) subject {
	if p.Vehicle != "" {
		return subject{vehicle: p.Vehicle}
	}
	return subject{device: p.Device}
}

// Publish hands positions to those that asked for them. It never waits for a
// reader. Positions of one device come in order of time; a vehicle's may not when it
// has just got another device, or when what held is told again.
func (h *Hub) Publish(positions []Position) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for s := range h.all {
		for i := range positions {
			s.offer(&positions[i])
		}
	}
	if len(h.named) == 0 {
		return
	}
	for i := range positions {
		p := &positions[i]
		for s := range h.named[subject{device: p.Device}] {
			s.offer(p)
		}
		if p.Vehicle != "" {
			for s := range h.named[subject{vehicle: p.Vehicle}] {
				s.offer(p)
			}
		}
	}
}

// Subscribe starts a subscription. Close it when done with it.
func (h *Hub) Subscribe(filter Filter) *Subscription {
	s := newSubscription(h, filter)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		s.end()
		return s
	}
	subjects := filter.subjects()
	if len(subjects) == 0 {
		h.all[s] = struct{}{}
	}
	for _, subject := range subjects {
		if h.named[subject] == nil {
			h.named[subject] = make(map[*Subscription]struct{})
		}
		h.named[subject][s] = struct{}{}
	}
	return s
}

func (h *Hub) unsubscribe(s *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.all, s)
	for _, subject := range s.filter.subjects() {
		delete(h.named[subject], s)
		if len(h.named[subject]) == 0 {
			delete(h.named, subject)
		}
	}
}

// Close ends all subscriptions, present and future.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.all {
		s.end()
	}
	for _, subscriptions := range h.named {
		for s := range subscriptions {
			s.end()
		}
	}
	clear(h.all)
	clear(h.named)
}
