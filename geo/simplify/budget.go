package simplify

import (
	"math"

	"github.com/paulmach/orb"

	"waybill/geo"
)

// Budget keeps at most so many points of a track: whenever there is one too many, it
// drops the one whose loss moves the line the least. It is SQUISH-E (Muckell and others,
// "Compression of trajectory data", 2014) with the distance to the line instead of that to
// a place on it at a time. It is not safe for concurrent use.
//
// What a loss moves is bounded and not measured, for what was dropped is forgotten: when
// a point is dropped that is d away from the leg from its one neighbour to its other, all
// of the two legs before is within d of the new one, so what was within e of them is
// within d + e of it.
type Budget[P any] struct {
	position func(P) orb.Point
	most     int
	room     int // how many are held at most before one is dropped
	moved    float64

	slots []slot[P]
	free  int // a slot that is not used, or none
	last  int // the newest point, or none
	queue queue
}

// slot holds a kept point, in a list in the order of the track.
type slot[P any] struct {
	point          P
	vector         geo.Vector
	previous, next int // slots, or none
	// strayed is how far in metres the track may be from the leg to the next point.
	strayed float64
}

const (
	none = -1
	// quarter is a quarter of the way around the earth in metres. Up to there the
	// distance to a leg grows along another that begins on it, which is what the bound
	// stands on.
	quarter = math.Pi / 2 * geo.EarthRadius
)

// NewBudget returns a Budget of so many points, 2 at least. It holds twice as many
// while the track comes. The position of a point is longitude and latitude in degrees.
func NewBudget[P any](points int, position func(P) orb.Point) *Budget[P] {
	points = max(points, 2)
	return &Budget[P]{position: position, most: points, room: 2 * points, free: none, last: none}
}

// Add takes the next point.
func (b *Budget[P]) Add(point P) {
	if b.queue.len() == b.room-2 { // all but the ends are in the queue
		b.drop()
	}
	i := b.take()
	s := &b.slots[i]
	*s = slot[P]{point: point, vector: geo.NewVector(b.position(point)), previous: b.last, next: none}
	before := b.last
	b.last = i
	if before == none {
		return
	}
	b.slots[before].next = i
	if b.slots[before].previous != none {
		b.queue.put(before, b.cost(before))
	}
}

// Points is what is kept of the track, at most as many as the budget is. It ends the
// track: the next point begins another.
func (b *Budget[P]) Points() []P {
	for b.queue.len() > b.most-2 {
		b.drop()
	}
	n := b.queue.len() + 2
	kept := make([]P, 0, n)
	for i := b.last; i != none; i = b.slots[i].previous {
		b.moved = max(b.moved, b.slots[i].strayed)
		kept = append(kept, b.slots[i].point)
	}
	for i, j := 0, len(kept)-1; i < j; i, j = i+1, j-1 {
		kept[i], kept[j] = kept[j], kept[i]
	}
	b.slots, b.free, b.last, b.queue = nil, none, none, queue{}
	return kept
}

// Deviation is a bound in metres, known after [Budget.Points]: nothing of the line
// through all points is further from the line through those that were kept.
func (b *Budget[P]) Deviation() float64 { return b.moved }

// cost is how far the track may be from the leg that is left when the point is dropped.
func (b *Budget[P]) cost(i int) float64 {
	s := &b.slots[i]
	previous, next := &b.slots[s.previous], &b.slots[s.next]
	l := newLeg(previous.vector, next.vector)
	away := metres(l.apart(s.vector))
	if long := chord(quarter); previous.vector.Chord(s.vector) > long || s.vector.Chord(next.vector) > long {
		away = math.Pi * geo.EarthRadius
	}
	return away + max(previous.strayed, s.strayed)
}

// drop drops the point that costs the least.
func (b *Budget[P]) drop() {
	i, cost := b.queue.take()
	s := &b.slots[i]
	previous, next := s.previous, s.next
	b.slots[previous].next, b.slots[next].previous = next, previous
	b.slots[previous].strayed = cost
	*s = slot[P]{next: b.free} // nothing of the point is held
	b.free = i
	for _, neighbour := range []int{previous, next} {
		if b.slots[neighbour].previous != none && b.slots[neighbour].next != none {
			b.queue.put(neighbour, b.cost(neighbour))
		}
	}
}

// take is a slot that is not used.
func (b *Budget[P]) take() int {
	if i := b.free; i != none {
		b.free = b.slots[i].next
		return i
	}
	b.slots = append(b.slots, slot[P]{})
	return len(b.slots) - 1
}
