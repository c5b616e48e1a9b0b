package simplify

import (
	"github.com/paulmach/orb"

	"waybill/geo"
)

// window is how many undecided points a [Tolerance] holds. Longer windows need fewer
// points for straight stretches, since one is kept for each window at least; the work
// for one point grows with it where a track winds.
const window = 1024

// Tolerance drops the points that a line through the others passes near enough. It is
// the method of Douglas and Peucker (1973) over a window that moves along the track. It
// is not safe for concurrent use.
type Tolerance[P any] struct {
	position func(P) orb.Point
	limit    float64 // square of the chord
	dropped  float64 // the greatest that was dropped, as limit

	// The window: the point that was kept last, and those after it. They are undecided.
	points  []P
	vectors []geo.Vector
	keep    []bool
	ranges  [][2]int // what is left to look at, from one kept point to another
}

// NewTolerance returns a Tolerance that drops no point which is further than the
// distance in metres (0 or more) from the leg that is drawn past it. The position of a
// point is longitude and latitude in degrees.
func NewTolerance[P any](distance float64, position func(P) orb.Point) *Tolerance[P] {
	return &Tolerance[P]{position: position, limit: chord(distance)}
}

// Add takes the next point, appends to dst those of the points so far that are now
// known to stay, and returns it.
func (t *Tolerance[P]) Add(dst []P, point P) []P {
	v := geo.NewVector(t.position(point))
	switch len(t.points) {
	case 0:
		dst = append(dst, point)
	case 2:
		// What is near the kept point is near every leg that leaves it: a vehicle that
		// stands, for however long, fills no window.
		if near := t.vectors[0].Chord(t.vectors[1]); near <= t.limit {
			t.dropped = max(t.dropped, near)
			t.points[1], t.vectors[1] = point, v
			return dst
		}
	}
	t.points, t.vectors = append(t.points, point), append(t.vectors, v)
	if len(t.points) < window {
		return dst
	}
	t.choose()
	// The last leg may still grow, unless it is so long already that there would be no
	// room for more.
	end := len(t.points) - 2
	for !t.keep[end] {
		end--
	}
	if end < window/2 {
		end = len(t.points) - 1
	}
	return t.settle(dst, end)
}

// Finish appends to dst what else stays of the track, the last point among it, and
// returns it. The Tolerance is then ready for the next track; only its deviation is
// that of all of them.
func (t *Tolerance[P]) Finish(dst []P) []P {
	if len(t.points) > 1 {
		t.choose()
		dst = t.settle(dst, len(t.points)-1)
	}
	t.points, t.vectors = t.points[:0], t.vectors[:0]
	return dst
}

// Deviation is how far in metres the furthest of the points that were dropped is from
// the line, at most the tolerance.
func (t *Tolerance[P]) Deviation() float64 { return metres(t.dropped) }

// choose marks which points of the window stay if it were all of the track.
func (t *Tolerance[P]) choose() {
	n := len(t.points)
	t.keep = append(t.keep[:0], make([]bool, n)...)
	t.keep[0], t.keep[n-1] = true, true
	t.ranges = append(t.ranges[:0], [2]int{0, n - 1})
	for len(t.ranges) > 0 {
		from, to := t.ranges[len(t.ranges)-1][0], t.ranges[len(t.ranges)-1][1]
		t.ranges = t.ranges[:len(t.ranges)-1]
		l := newLeg(t.vectors[from], t.vectors[to])
		furthest, most := 0, -1.0
		for i := from + 1; i < to; i++ {
			if apart := l.apart(t.vectors[i]); apart > most {
				furthest, most = i, apart
			}
		}
		if most <= t.limit {
			continue
		}
		t.keep[furthest] = true
		t.ranges = append(t.ranges, [2]int{from, furthest}, [2]int{furthest, to})
	}
}

// settle appends the chosen points up to that of the index to dst, and lets the window
// begin there.
func (t *Tolerance[P]) settle(dst []P, end int) []P {
	from := 0
	for i := 1; i <= end; i++ {
		if !t.keep[i] {
			continue
		}
		dst = append(dst, t.points[i])
		l := newLeg(t.vectors[from], t.vectors[i])
		for j := from + 1; j < i; j++ {
			t.dropped = max(t.dropped, l.apart(t.vectors[j]))
		}
		from = i
	}
	n := copy(t.points, t.points[end:])
	clear(t.points[n:]) // so that nothing of them is held
	copy(t.vectors, t.vectors[end:])
	t.points, t.vectors = t.points[:n], t.vectors[:n]
	return dst
}
