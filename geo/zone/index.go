package zone

import (
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"

	"waybill/geo"
)

// Zone is a piece of ground: an area, or all within a radius of a center. One that
// has neither holds no point.
type Zone struct {
	// ID is what [Index.At] answers with. Zones may share one: they are then parts
	// of the same.
	ID int64
	// Area is polygons with holes; rings that are not closed are taken as if they
	// were. A ring of fewer than three points, or with one that is not on earth,
	// holds nothing.
	Area orb.MultiPolygon
	// Center and Radius, in metres, say where the zone is when Radius is positive.
	Center orb.Point
	Radius float64
}

// Index finds the zones that a point is in. It does not change once it is built, and
// is safe for concurrent use.
type Index struct {
	tree  rtree.RTreeGN[float64, int32] // values are indices in parts
	parts []part
	// west and east bound the tree, so that a second look one turn further is made
	// only where there is something.
	west, east float64
}

// part is one polygon or circle of a zone.
type part struct {
	id     int64
	edges  *edges // nil for a circle
	center orb.Point
	radius float64
}

func (p *part) contains(point orb.Point) bool {
	if p.edges != nil {
		return p.edges.contains(point)
	}
	return geo.Distance(p.center, point) <= p.radius
}

// NewIndex builds an index of the zones, which it does not keep.
func NewIndex(zones []Zone) *Index {
	x := &Index{}
	for _, z := range zones {
		for _, polygon := range z.Area {
			if e := newEdges(geo.Unwrap(polygon)); e != nil {
				x.add(e.bound, part{id: z.ID, edges: e})
			}
		}
		if z.Radius > 0 && geo.Valid(z.Center) {
			// A hair more, so that rounding in the box can't exclude what the exact test
			// would take in.
			bound := geo.Around(z.Center, z.Radius*(1+1e-9)+1e-6)
			x.add(bound, part{id: z.ID, center: z.Center, radius: z.Radius})
		}
	}
	low, high := x.tree.Bounds()
	x.west, x.east = low[0], high[0]
	return x
}

func (x *Index) add(bound orb.Bound, p part) {
	x.tree.Insert(bound.Min, bound.Max, int32(len(x.parts))) //nolint:gosec // 2 billion polygons don't fit in memory
	x.parts = append(x.parts, p)
}

// At appends the ids of the zones that p is in to dst, in ascending order and each
// once, and returns it. A point that is not on earth ([geo.Valid]) is in no zone.
func (x *Index) At(dst []int64, p orb.Point) []int64 {
	if !geo.Valid(p) {
		return dst
	}
	start := len(dst)
	dst = x.at(dst, p)
	// The same meridian has other names: what crosses the antimeridian is in the tree
	// with longitudes beyond 180 degrees, and 180 is -180.
	if q := (orb.Point{p.Lon() + 360, p.Lat()}); q.Lon() <= x.east {
		dst = x.at(dst, q)
	}
	if q := (orb.Point{p.Lon() - 360, p.Lat()}); q.Lon() >= x.west {
		dst = x.at(dst, q)
	}
	if found := dst[start:]; len(found) > 1 {
		slices.Sort(found)
		dst = dst[:start+len(slices.Compact(found))]
	}
	return dst
}

func (x *Index) at(dst []int64, p orb.Point) []int64 {
	x.tree.Search(p, p, func(_, _ [2]float64, i int32) bool {
		if part := &x.parts[i]; part.contains(p) {
			dst = append(dst, part.id)
		}
		return true
	})
	return dst
}
