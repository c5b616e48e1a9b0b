package zone

import (
	"math"

	"github.com/paulmach/orb"

	"waybill/geo"
)

// sheet has some zones in a grid, with finer grids in its cells. It does not change.
type sheet struct {
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
	strips  []strip
	// zones are what it was made of, by id.
	zones []Zone
}

// cell is what there is to know for the points of a cell: the entries, and those of
// the cells of a finer grid where there are too many edges.
type cell struct {
	first, end int32 // in sheet.entries
	finer      int32 // in sheet.grids; 0 (the root) for none
}

// entry is a polygon, a circle or a strip that has points in a cell.
type entry struct {
	id int64
	// first is the place in sheet.edges, of count edges; or in circles or strips when
	// count says so.
	first, count int32
	// zone is the place in sheet.zones.
	zone int32
	// inside is what a point of the cell is before its edges are counted: with no
	// edges the cell lies wholly in the zone.
	inside bool
}

const (
	isCircle = -1
	isStrip  = -2
)

// query is a point that is looked for.
type query struct {
	// point is as it was given, but for one turn around the earth.
	point orb.Point
	// where is the point itself; vector is the same, once it has been needed.
	where  orb.Point
	vector geo.Vector
}

// at appends the ids of the zones that have the point, but for those that are gone. One
// id may come several times.
func (s *sheet) at(dst []int64, q *query, gone bits) []int64 {
	if !s.bound.Contains(q.point) {
		return dst
	}
	for g := int32(0); ; {
		c := &s.cells[s.grids[g].cell(q.point)]
		for i := range s.entries[c.first:c.end] {
			e := &s.entries[int(c.first)+i]
			if !gone.has(e.zone) && s.holds(e, q) {
				dst = append(dst, e.id)
			}
		}
		if g = c.finer; g == 0 {
			return dst
		}
	}
}

func (s *sheet) holds(e *entry, q *query) bool {
	switch e.count {
	case isCircle:
		return s.circles[e.first].contains(q.where)
	case isStrip:
		if q.vector == (geo.Vector{}) {
			q.vector = geo.NewVector(q.where)
		}
		return s.strips[e.first].contains(q.vector)
	}
	return inside(s.edges[e.first:e.first+e.count], e.inside, q.point)
}

// nowhere has no point.
func nowhere() orb.Bound {
	return orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
}
