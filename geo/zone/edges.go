package zone

import (
	"math"

	"github.com/paulmach/orb"
)

const (
	// maxCopies bounds the table: on average an edge may stand in this many slabs.
	maxCopies = 4
	// minSlab is the least height of a slab in degrees, a few millimetres.
	minSlab = 1e-7
	// maxLongitude is how far longitudes may run on beyond the antimeridian.
	maxLongitude = 540
)

// edges is a polygon's border, each edge under every slab of latitude that it
// touches.
type edges struct {
	bound orb.Bound
	// south and perDegree turn a latitude into the number of its slab.
	south, perDegree float64
	// starts[i] to starts[i+1] in table are the edges of slab i.
	starts []int32
	table  []edge
}

// edge is a piece of border from a northward to b (or level, from west to east).
// Having one direction for both neighbours of a shared edge makes the same point fall
// on the same side of it for both.
type edge struct{ a, b orb.Point }

// newEdges returns nil for a polygon that holds no point.
func newEdges(polygon orb.Polygon) *edges {
	var border []edge
	for i, ring := range polygon {
		n := len(border)
		border = appendRing(border, ring)
		if i == 0 && len(border) == n {
			return nil
		}
	}
	if len(border) == 0 {
		return nil
	}
	bound := border[0].a.Bound()
	for _, edge := range border {
		bound = bound.Extend(edge.a).Extend(edge.b)
	}
	e := &edges{bound: bound, south: bound.Min.Lat()}
	e.arrange(border, len(border)/2+1)
	return e
}

func appendRing(border []edge, ring orb.Ring) []edge {
	if len(ring) < 3 {
		return border
	}
	for _, p := range ring {
		if math.Abs(p.Lat()) <= 90 && math.Abs(p.Lon()) <= maxLongitude {
			continue
		}
		return border
	}
	previous := ring[len(ring)-1]
	for _, p := range ring {
		if p == previous {
			continue
		}
		e := edge{previous, p}
		if p.Lat() < previous.Lat() || p.Lat() == previous.Lat() && p.Lon() < previous.Lon() {
			e = edge{p, previous}
		}
		border = append(border, e)
		previous = p
	}
	return border
}

// arrange fills the table with about as many slabs as asked for: fewer when the
// edges are so tall that each would stand in many.
func (e *edges) arrange(border []edge, slabs int) {
	height := e.bound.Max.Lat() - e.south
	for ; ; slabs /= 2 {
		if slabs <= 1 || height/float64(slabs) < minSlab {
			slabs, e.perDegree = 1, 0
		} else {
			e.perDegree = float64(slabs) / height
		}
		// The top border falls into a slab of its own.
		e.starts = make([]int32, slabs+2)
		total := 0
		for _, edge := range border {
			first, last := e.slab(edge.a.Lat()), e.slab(edge.b.Lat())
			total += last - first + 1
			for i := first; i <= last; i++ {
				e.starts[i+1]++
			}
		}
		if total <= maxCopies*len(border) || slabs == 1 {
			e.fill(border, total)
			return
		}
	}
}

func (e *edges) fill(border []edge, total int) {
	for i := 1; i < len(e.starts); i++ {
		e.starts[i] += e.starts[i-1]
	}
	e.table = make([]edge, total)
	next := append([]int32(nil), e.starts...)
	for _, edge := range border {
		for i := e.slab(edge.a.Lat()); i <= e.slab(edge.b.Lat()); i++ {
			e.table[next[i]] = edge
			next[i]++
		}
	}
}

// slab never decreases as the latitude grows, rounding or not, so an edge stands in
// the slab of each latitude between its ends.
func (e *edges) slab(lat float64) int { return int((lat - e.south) * e.perDegree) }

// contains needs p to be within the bound's latitudes. It counts the edges east of p:
// an odd number means inside.
func (e *edges) contains(p orb.Point) bool {
	slab := e.slab(p.Lat())
	inside := false
	for _, edge := range e.table[e.starts[slab]:e.starts[slab+1]] {
		if p.Lat() < edge.a.Lat() || p.Lat() > edge.b.Lat() {
			continue
		}
		// Positive when p is west of the edge.
		side := (edge.b.Lon()-edge.a.Lon())*(p.Lat()-edge.a.Lat()) -
			(edge.b.Lat()-edge.a.Lat())*(p.Lon()-edge.a.Lon())
		if side == 0 && between(edge.a.Lon(), p.Lon(), edge.b.Lon()) {
			return true
		}
		// Half open, so that a vertex counts once for the two edges that meet there.
		if side > 0 && p.Lat() < edge.b.Lat() {
			inside = !inside
		}
	}
	return inside
}

func between(a, x, b float64) bool { return a <= x && x <= b || b <= x && x <= a }
