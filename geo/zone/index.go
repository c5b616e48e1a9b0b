package zone

import (
	"slices"

	"github.com/paulmach/orb"

	"waybill/geo"
)

// Zone is a piece of ground: an area, all within a radius of a center, or all within a
// width of a path. One that has none of them holds no point.
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
	// Path and Width, in metres to each side, say where the zone is when Width is
	// positive, as package corridor measures it. A path with a point that is not on
	// earth holds nothing.
	Path  orb.LineString
	Width float64
}

// Index finds the zones that a point is in. It does not change once it is built, and
// is safe for concurrent use.
type Index struct {
	// layers are the zones as they were built first, and then those that came later.
	layers []layer
}

// layer is a sheet but for the zones that have changed since.
type layer struct {
	*sheet
	gone  bits // places in sheet.zones
	alive int  // how many zones are not gone
}

// NewIndex builds an index of the zones. It keeps their ground, which may not be changed
// any more.
func NewIndex(zones []Zone) *Index {
	if len(zones) == 0 {
		return &Index{}
	}
	return &Index{layers: []layer{newLayer(slices.Clone(zones))}}
}

// At appends the ids of the zones that p is in to dst, in ascending order and each
// once, and returns it. A point that is not on earth ([geo.Valid]) is in no zone.
func (x *Index) At(dst []int64, p orb.Point) []int64 {
	if !geo.Valid(p) {
		return dst
	}
	p = settled(p)
	start := len(dst)
	q := query{point: p, where: p}
	for i := range x.layers {
		l := &x.layers[i]
		dst = l.at(dst, &q, l.gone)
		// The same meridian has other names: what crosses the antimeridian is in the grid
		// with longitudes beyond 180 degrees, and 180 is -180.
		if east := p.Lon() + 360; east <= l.bound.Max.Lon() {
			q.point[0] = east
			dst = l.at(dst, &q, l.gone)
			q.point[0] = p.Lon()
		}
		if west := p.Lon() - 360; west >= l.bound.Min.Lon() {
			q.point[0] = west
			dst = l.at(dst, &q, l.gone)
			q.point[0] = p.Lon()
		}
	}
	if found := dst[start:]; len(found) > 1 {
		slices.Sort(found)
		dst = dst[:start+len(slices.Compact(found))]
	}
	return dst
}
