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
// and changes northward where one of them begins or ends. Nearly all of these changes
// are two at one latitude, where one edge goes on from another, and amount to none.
// What is left over is said by vertical edges in the far east. So the answer in a cell
// is, bit for bit, the answer with all edges.
type splitter struct {
	pieces
	parts        []part
	grid         grid
	box          orb.Bound
	south, north float64
	heads        []int32 // each cell's last piece, or none

	near  []span    // the edges of a row
	kept  []int32   // places in near, column by column
	ends  []int     // of each column in kept
	east  []eastern // the edges of a row that lie east of a column
	first []int32   // of each column in east, those that lie just east of it, or none
	turn  []float64 // latitudes at which what lies east of a column changes
}

// span is from which column to which an edge comes near.
type span struct {
	edge
	first, last int
}

// eastern is an edge for the columns west of it.
type eastern struct {
	a, b float64 // latitudes
	next int32   // of the same column, or none
}

func (s *splitter) start(b *builder, g grid, box orb.Bound, south, north float64) {
	s.parts, s.grid, s.box, s.south, s.north = b.parts, g, box, south, north
	s.list, s.edges = s.list[:0], s.edges[:0]
	s.heads = slices.Grow(s.heads[:0], g.columns*g.rows)[:g.columns*g.rows]
	for i := range s.heads {
		s.heads[i] = none
	}
	s.ends = slices.Grow(s.ends[:0], g.columns+2)[:g.columns+2]
	s.first = slices.Grow(s.first[:0], g.columns)[:g.columns]
}

// latitudes of the points of a row, a hair more, but no more than the pieces hold for.
func (s *splitter) latitudes(row int) (south, north float64) {
	box := s.grid.box(0, row, s.box)
	return max(s.south, box.Min.Lat()-margin), min(s.north, box.Max.Lat()+margin)
}

// reach is the cells of the grid that a part may have points in.
func (s *splitter) reach(i int32) (west, south, east, north int) {
	bound, g := s.parts[i].bound, &s.grid
	return max(0, g.column(bound.Min.Lon()-margin)), max(0, g.row(bound.Min.Lat()-margin)),
		min(g.columns-1, g.column(bound.Max.Lon()+margin)), min(g.rows-1, g.row(bound.Max.Lat()+margin))
}

func (s *splitter) add(column, row int, p piece) {
	head := &s.heads[row*s.grid.columns+column]
	p.next = *head
	*head = place(len(s.list))
	s.list = append(s.list, p)
}

func (s *splitter) splitRound(p *piece, r round) {
	west, south, east, north := s.reach(p.part)
	for row := south; row <= north; row++ {
		for column := west; column <= east; column++ {
			all, nothing := r.covers(s.grid.box(column, row, s.box))
			switch {
			case all:
				s.add(column, row, piece{part: p.part, entry: entry{id: p.id, zone: p.zone, inside: true}})
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
		from, to := s.latitudes(row)
		s.arrange(edges, from, to, west, east)
		inside := p.inside
		s.turn = s.turn[:0]
		for column := east; column >= west; column-- {
			inside = s.pass(column, from, to) != inside
			first := 0
			if column > west {
				first = s.ends[column-1]
			}
			kept := s.kept[first:s.ends[column]]
			if len(kept) == 0 && len(s.turn) == 0 && !inside {
				continue
			}
			q := piece{part: p.part, entry: entry{id: p.id, zone: p.zone, inside: inside, first: place(len(s.edges))}}
			s.keep(kept)
			q.count = place(len(s.edges)) - q.first
			s.add(column, row, q)
		}
	}
}

// arrange finds which edges the columns from west to east keep between two latitudes,
// and which lie east of them.
func (s *splitter) arrange(edges []edge, south, north float64, west, east int) {
	s.near, s.east = s.near[:0], s.east[:0]
	for i := west; i <= east; i++ {
		s.ends[i], s.first[i] = 0, none
	}
	s.ends[east+1] = 0
	for i := range edges {
		e := &edges[i]
		if e.b.Lat() < south || e.a.Lat() > north {
			continue
		}
		low, high := e.longitudes(south, north)
		first, last := s.grid.column(low-margin), s.grid.column(high+margin)
		if first > west && e.a.Lat() < e.b.Lat() {
			column := min(first-1, east)
			s.east = append(s.east, eastern{e.a.Lat(), e.b.Lat(), s.first[column]})
			s.first[column] = place(len(s.east) - 1)
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
	s.fill(west, east)
}

// pass brings turn from what lies east of the next column to what lies east of this
// one, and says whether that changes how many count on the southern border from even to
// odd, or back.
func (s *splitter) pass(column int, south, north float64) (changes bool) {
	for i := s.first[column]; i != none; i = s.east[i].next {
		e := &s.east[i]
		if e.a <= south {
			changes = changes != (south < e.b)
		} else {
			s.flip(e.a)
		}
		if south < e.b && e.b <= north {
			s.flip(e.b)
		}
	}
	return changes
}

// flip adds a latitude to turn, or takes it out: two changes are none.
func (s *splitter) flip(latitude float64) {
	if i, found := slices.BinarySearch(s.turn, latitude); found {
		s.turn = slices.Delete(s.turn, i, i+1)
	} else {
		s.turn = slices.Insert(s.turn, i, latitude)
	}
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

// keep appends the edges, and what is left over of those in the east.
func (s *splitter) keep(kept []int32) {
	for _, i := range kept {
		s.edges = append(s.edges, s.near[i].edge)
	}
	for i := 0; i < len(s.turn); i += 2 {
		end := 91.0 // further north than any point
		if i+1 < len(s.turn) {
			end = s.turn[i+1]
		}
		s.edges = append(s.edges, edge{orb.Point{farEast, s.turn[i]}, orb.Point{farEast, end}})
	}
}
