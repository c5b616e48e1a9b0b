package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Unwrap returns the polygon with longitudes that run on where it crosses the
// antimeridian, so that plane geometry holds for it: some of them are then beyond 180
// degrees. Each edge is taken to go the short way round, so one that spans more than
// 180 degrees crosses the antimeridian. Edges along a pole have no length and are
// left as they are, and so is a ring that does not come back to where it began
// (one that goes around a pole).
//
// The polygon is returned itself when nothing changes.
func Unwrap(polygon orb.Polygon) orb.Polygon {
	var unwrapped orb.Polygon
	for i, ring := range polygon {
		moved := unwrapRing(ring)
		if i > 0 {
			outer := polygon[0]
			if unwrapped != nil {
				outer = unwrapped[0]
			}
			moved = nextTo(outer, ring, moved)
		}
		if moved == nil {
			continue
		}
		if unwrapped == nil {
			unwrapped = append(orb.Polygon{}, polygon...)
		}
		unwrapped[i] = moved
	}
	if unwrapped == nil {
		return polygon
	}
	return unwrapped
}

// unwrapRing returns nil when the ring stays as it is.
func unwrapRing(ring orb.Ring) orb.Ring {
	var moved orb.Ring
	turn := 0.0
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if step := b.Lon() - a.Lon(); math.Abs(step) > 180 && !alongPole(a, b) {
			turn -= math.Copysign(360, step)
			if moved == nil {
				moved = append(orb.Ring{}, ring...)
			}
		}
		if turn != 0 {
			moved[i][0] += turn
		}
	}
	if turn != 0 {
		return nil
	}
	return moved
}

// nextTo shifts a hole by whole turns to where its outer ring is. The hole is ring,
// unwrapped to moved when that is not nil.
func nextTo(outer, ring, moved orb.Ring) orb.Ring {
	hole := ring
	if moved != nil {
		hole = moved
	}
	turn := 360 * math.Round((outer.Bound().Center().Lon()-hole.Bound().Center().Lon())/360)
	if turn == 0 || math.IsNaN(turn) {
		return moved
	}
	shifted := make(orb.Ring, len(hole))
	for i, p := range hole {
		shifted[i] = orb.Point{p.Lon() + turn, p.Lat()}
	}
	return shifted
}

func alongPole(a, b orb.Point) bool {
	return math.Abs(a.Lat()) == 90 && a.Lat() == b.Lat()
}
