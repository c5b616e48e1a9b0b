package zone

import (
	"slices"

	"github.com/paulmach/orb"

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
	// bound has all there is, so that a second look one turn further is made only
	// where there is something.
	bound orb.Bound
	// All cells, entries and edges lie in one row of memory each, those of a cell
	// side by side: to answer is to wait for memory.
	grids   []grid // the first is the root
	cells   []cell
	entries []entry
	edges   []edge
	circles []circle
}

// NewIndex builds an index of the zones, which it does not keep.
func NewIndex(zones []Zone) *Index {
	b := &builder{index: &Index{}}
	b.reserve(zones)
	for _, z := range zones {
		for _, polygon := range z.Area {
			b.addPolygon(z.ID, geo.Unwrap(polygon))
		}
		if z.Radius > 0 && geo.Valid(z.Center) {
			b.addCircle(z.ID, circle{center: z.Center, radius: z.Radius})
		}
	}
	return b.build()
}

// At appends the ids of the zones that p is in to dst, in ascending order and each
// once, and returns it. A point that is not on earth ([geo.Valid]) is in no zone.
func (x *Index) At(dst []int64, p orb.Point) []int64 {
	if !geo.Valid(p) || len(x.grids) == 0 {
		return dst
	}
	p = settled(p)
	start := len(dst)
	dst = x.at(dst, p)
	// The same meridian has other names: what crosses the antimeridian is in the grid
	// with longitudes beyond 180 degrees, and 180 is -180.
	if q := (orb.Point{p.Lon() + 360, p.Lat()}); q.Lon() <= x.bound.Max.Lon() {
		dst = x.at(dst, q)
	}
	if q := (orb.Point{p.Lon() - 360, p.Lat()}); q.Lon() >= x.bound.Min.Lon() {
		dst = x.at(dst, q)
	}
	if found := dst[start:]; len(found) > 1 {
		slices.Sort(found)
		dst = dst[:start+len(slices.Compact(found))]
	}
	return dst
}

func (x *Index) at(dst []int64, p orb.Point) []int64 {
	if !x.bound.Contains(p) {
		return dst
	}
	for g := int32(0); ; {
		c := &x.cells[x.grids[g].cell(p)]
		for i := range x.entries[c.first:c.end] {
			e := &x.entries[int(c.first)+i]
			if x.holds(e, p) {
				dst = append(dst, e.id)
			}
		}
		if g = c.finer; g == 0 {
			return dst
		}
	}
}

func (x *Index) holds(e *entry, p orb.Point) bool {
	if e.count == isCircle {
		return x.circles[e.first].contains(p)
	}
	return within(x.edges[e.first:e.first+e.count], e.inside, p)
}
