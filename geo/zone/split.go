package zone

import (
	"slices"

	"github.com/paulmach/orb"
)

// farEast is the longitude of edges that stand for others: east of every point.
const farEast = 1e4

// splitter divides pieces among the cells of a grid.
//
// A cell keeps the edges that come near it. Of all others those in the west never
// count, and those in the east count for the latitudes between their ends. How often
// is the same for all points of a cell on its southern border (that is its inside),
// and changes northward only at vertices where an edge that counts meets one that is
// kept, since two that count begin and end there together. From such a vertex on a
// vertical edge in the far east makes the change. So the answer in a cell is, bit for
// bit, the answer with all edges.
type splitter struct {
	pieces
	parts        []orb.Bound
	grid         grid
	box          orb.Bound
	south, north float64
	heads        []int32 // each cell's last piece, or none

	near []span    // the edges of a row
	kept []int32   // places in near, column by column
	ends []int     // of each column in kept
	odd  []bool    // whether the edges that a column ends before change its inside
	turn []float64 // latitudes of a cell
}

// span is from which column to which an edge comes near.
type span struct {
	edge
	first, last int
}

func (s *splitter) start(b *builder, g grid, box orb.Bound, south, north float64) {
	s.parts, s.grid, s.box, s.south, s.north = b.bounds, g, box, south, north
	s.list, s.edges = s.list[:0], s.edges[:0]
	s.heads = slices.Grow(s.heads[:0], g.columns*g.rows)[:g.columns*g.rows]
	for i := range s.heads {
		s.heads[i] = none
	}
	s.ends = slices.Grow(s.ends[:0], g.columns+2)[:g.columns+2]
	s.odd = slices.Grow(s.odd[:0], g.columns+1)[:g.columns+1]
}

// latitudes of the points of a row, a hair more, but no more than the pieces hold for.
func (s *splitter) latitudes(row int) (south, north float64) {
	box := s.grid.box(0, row, s.box)
	return max(s.south, box.Min.Lat()-margin), min(s.north, box.Max.Lat()+margin)
}

// reach is the cells of the grid that a part may have points in.
func (s *splitter) reach(part int32) (west, south, east, north int) {
	bound, g := s.parts[part], &s.grid
	return max(0, g.column(bound.Min.Lon()-margin)), max(0, g.row(bound.Min.Lat()-margin)),
		min(g.columns-1, g.column(bound.Max.Lon()+margin)), min(g.rows-1, g.row(bound.Max.Lat()+margin))
}

func (s *splitter) add(column, row int, p piece) {
	head := &s.heads[row*s.grid.columns+column]
	p.next = *head
	*head = place(len(s.list))
	s.list = append(s.list, p)
}

func (s *splitter) splitCircle(p *piece, c *circle) {
	west, south, east, north := s.reach(p.part)
	for row := south; row <= north; row++ {
		for column := west; column <= east; column++ {
			all, nothing := c.covers(s.grid.box(column, row, s.box))
			switch {
			case all:
				s.add(column, row, piece{part: p.part, entry: entry{id: p.id, inside: true}})
			case !nothing:
				s.add(column, row, *p)
			}
		}
	}
}

func (s *splitter) splitPolygon(p *piece, edges []edge) {
	west, south, east, north := s.reach(p.part)
	if west > east {
		return
	}
	for row := south; row <= north; row++ {
		s.arrange(edges, p.inside, row, west, east)
		from, to := s.latitudes(row)
		first := 0
		for column := west; column <= east; column++ {
			kept := s.kept[first:s.ends[column]]
			first = s.ends[column]
			if len(kept) == 0 && !s.odd[column] {
				continue
			}
			q := piece{part: p.part, entry: entry{id: p.id, inside: s.odd[column], first: place(len(s.edges))}}
			s.keep(kept, column, from, to)
			q.count = place(len(s.edges)) - q.first
			s.add(column, row, q)
		}
	}
}

// arrange finds for the columns from west to east of a row which edges are kept, and
// whether the others leave a point on its southern border inside.
func (s *splitter) arrange(edges []edge, inside bool, row, west, east int) {
	south, north := s.latitudes(row)
	s.near = s.near[:0]
	for i := west; i <= east; i++ {
		s.ends[i], s.odd[i] = 0, false
	}
	s.ends[east+1] = 0
	for i := range edges {
		e := &edges[i]
		if e.b.Lat() < south || e.a.Lat() > north {
			continue
		}
		low, high := e.longitudes(south, north)
		first, last := s.grid.column(low-margin), s.grid.column(high+margin)
		if first > west && e.a.Lat() <= south && south < e.b.Lat() {
			if first > east {
				inside = !inside
			} else {
				s.odd[first-1] = !s.odd[first-1]
			}
		}
		if first = max(first, west); first > east || last < first {
			continue
		}
		last = min(last, east)
		s.near = append(s.near, span{*e, first, last})
		for column := first; column <= last; column++ {
			s.ends[column+1]++
		}
	}
	for column := east; column >= west; column-- {
		inside = inside != s.odd[column]
		s.odd[column] = inside
	}
	s.fill(west, east)
}

func (s *splitter) fill(west, east int) {
	for column := west; column <= east; column++ {
		s.ends[column+1] += s.ends[column]
	}
	s.kept = slices.Grow(s.kept[:0], s.ends[east+1])[:s.ends[east+1]]
	for i := range s.near {
		for column := s.near[i].first; column <= s.near[i].last; column++ {
			s.kept[s.ends[column]] = place(i)
			s.ends[column]++ // from its beginning to its end
		}
	}
}

// keep appends the edges, and one in the far east from each vertex in the east where
// an odd number of them ends.
func (s *splitter) keep(kept []int32, column int, south, north float64) {
	s.turn = s.turn[:0]
	for _, i := range kept {
		e := &s.near[i].edge
		s.edges = append(s.edges, *e)
		for _, v := range [...]orb.Point{e.a, e.b} {
			if south < v.Lat() && v.Lat() <= north && s.grid.column(v.Lon()-margin) > column {
				s.turn = append(s.turn, v.Lat())
			}
		}
	}
	slices.Sort(s.turn)
	for i := 0; i < len(s.turn); i++ {
		if i+1 < len(s.turn) && s.turn[i] == s.turn[i+1] {
			i++ // two changes are none
			continue
		}
		s.edges = append(s.edges, edge{orb.Point{farEast, s.turn[i]}, orb.Point{farEast, 91}})
	}
}
