package tracking

import (
	"crypto/rand"
	"sync"
)

// Hub tells subscribers where vehicles are, as it becomes known. It holds the newest
// position of each that it has heard of since it was made, and each subscriber knows
// how far it has read: so a slow one finds the newest of each vehicle, however many
// it has missed, and nothing piles up for it. What was known before the hub was made
// a subscriber reads from the store.
type Hub struct {
	id string

	mu     sync.RWMutex
	closed bool                                   // guarded by mu
	board  *board                                 // guarded by mu
	all    map[*Subscription]struct{}             // guarded by mu; those that name nobody
	named  map[subject]map[*Subscription]struct{} // guarded by mu; by whom they name
}

// NewHub returns a hub without subscribers.
func NewHub() *Hub { return newHub(maxOnBoard) }

func newHub(most int) *Hub {
	return &Hub{
		id: rand.Text(), board: newBoard(most),
		all: make(map[*Subscription]struct{}), named: make(map[subject]map[*Subscription]struct{}),
	}
}

// subject is whom a subscriber can name: a vehicle or a device.
type subject struct {
	vehicle, device string
}

// Publish tells of positions that this process has stored. It never waits for a
// reader. What is not newer than what the hub has of the device is passed over.
func (h *Hub) Publish(positions []Position) { h.tell(positions, false) }

// Repeat tells of positions that another process has stored.
func (h *Hub) Repeat(positions []Position) { h.tell(positions, true) }

func (h *Hub) tell(positions []Position, repeated bool) {
	if len(positions) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	news := false
	for i := range positions {
		e := h.board.put(&positions[i], repeated)
		if e == nil {
			continue
		}
		news = true
		if len(h.named) == 0 {
			continue
		}
		h.wake(subject{device: e.position.Device})
		if e.position.Vehicle != "" {
			h.wake(subject{vehicle: e.position.Vehicle})
		}
	}
	if news {
		for s := range h.all {
			s.signal()
		}
	}
}

func (h *Hub) wake(named subject) {
	for s := range h.named[named] {
		s.signal()
	}
}

// Cursor is how far a subscriber has read a hub.
type Cursor struct {
	// Hub tells hubs apart, those of one process before and after its restart too.
	Hub string
	// Sequence is that of the last position that the subscriber knows.
	Sequence uint64
}

// Subscribe starts a subscription to what becomes known from now on. Close it when
// done with it.
func (h *Hub) Subscribe(filter Filter) *Subscription {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.add(newSubscription(h, filter, h.board.sequence))
}

// Resume starts a subscription where another of the same filter has ended. It says
// false, and starts none, when the hub does not know any more what came after it, or
// it was one of another hub.
func (h *Hub) Resume(filter Filter, from Cursor) (*Subscription, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if from.Hub != h.id || from.Sequence < h.board.forgotten || from.Sequence > h.board.sequence {
		return nil, false
	}
	s := newSubscription(h, filter, from.Sequence)
	s.resumed = true
	s.signal() // there may be something already
	return h.add(s), true
}

// add is called under mu.
func (h *Hub) add(s *Subscription) *Subscription {
	if h.closed {
		s.end()
		return s
	}
	if !s.filter.named() {
		h.all[s] = struct{}{}
	}
	for subject := range s.filter.subjects {
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
	for subject := range s.filter.subjects {
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
