package zone

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"waybill/geo"
	"waybill/geo/corridor"
)

const (
	// fewEdges is how many edges a cell may have before it gets a finer grid.
	fewEdges = 32
	// edgesPerCell is how many a grid aims at.
	edgesPerCell = 8
	// maxCopies bounds memory: how many cells of a grid an edge may stand in on
	// average, and how many entries a grid may have for each of its edges.
	maxCopies = 4
	// maxDepth is how many grids may lie within each other.
	maxDepth = 4
	// roundWeight is what a circle or a strip costs, in edges.
	roundWeight = 4
	// margin, in degrees (a tenth of a millimetre), is far more than rounding moves a
	// point and far less than minCell, the least size of a cell.
	margin  = 1e-9
	minCell = 1e-6
)

// builder makes a sheet. Its pieces are what the cell that is worked on knows of each
// polygon, circle and strip.
type builder struct {
	sheet  *sheet
	parts  []part
	root   pieces
	levels [maxDepth]splitter // kept from grid to grid, for their memory
}

// part is a polygon, a circle or a strip.
type part struct {
	bound orb.Bound
	// thickness of a strip, in degrees, says that it has no more in its bound than goes
	// along its sides.
	thickness float64
}

// piece is a part as far as it concerns a cell.
type piece struct {
	part int32
	next int32 // the cell's next piece, or none
	entry
}

const none = -1

type pieces struct {
	list  []piece
	edges []edge
}

// reserve makes room, so that little is moved as pieces grow.
func (b *builder) reserve(zones []Zone) {
	corners := 0
	for i := range zones {
		for _, polygon := range zones[i].Area {
			for _, ring := range polygon {
				corners += len(ring)
			}
		}
	}
	b.root.edges = make([]edge, 0, corners)
	top := &b.levels[0]
	// What zones of a city need.
	top.edges, top.list = make([]edge, 0, 2*corners), make([]piece, 0, corners)
}

// newSheet expects zones by id.
func newSheet(zones []Zone) *sheet {
	b := &builder{sheet: &sheet{bound: nowhere(), zones: zones}}
	b.reserve(zones)
	for i := range zones {
		b.addZone(place(i), &zones[i])
	}
	return b.build()
}

func (b *builder) addZone(i int32, z *Zone) {
	for _, polygon := range z.Area {
		b.addPolygon(entry{id: z.ID, zone: i}, geo.Unwrap(polygon))
	}
	if z.Radius > 0 && geo.Valid(z.Center) {
		b.addCircle(entry{id: z.ID, zone: i}, circle{center: z.Center, radius: z.Radius})
	}
	if c, err := corridor.New(z.Path, z.Width); err == nil && z.Width > 0 {
		for _, leg := range c.Legs() {
			b.addStrip(entry{id: z.ID, zone: i}, strip{leg: leg, width: z.Width})
		}
	}
}

func (b *builder) addPolygon(e entry, polygon orb.Polygon) {
	first := len(b.root.edges)
	b.root.edges = appendBorder(b.root.edges, polygon)
	border := b.root.edges[first:]
	if len(border) == 0 {
		return
	}
	bound := border[0].a.Bound()
	for _, edge := range border {
		bound = bound.Extend(edge.a).Extend(edge.b)
	}
	e.first, e.count = place(first), place(len(border))
	b.add(part{bound, math.Inf(1)}, e)
}

func (b *builder) addCircle(e entry, c circle) {
	e.first, e.count = place(len(b.sheet.circles)), isCircle
	b.sheet.circles = append(b.sheet.circles, c)
	b.add(part{c.bound(), math.Inf(1)}, e)
}

func (b *builder) addStrip(e entry, s strip) {
	e.first, e.count = place(len(b.sheet.strips)), isStrip
	b.sheet.strips = append(b.sheet.strips, s)
	b.add(part{s.bound(), 2 * s.width / metresPerDegree}, e)
}

func (b *builder) add(p part, e entry) {
	b.sheet.bound = b.sheet.bound.Union(p.bound)
	b.root.list = append(b.root.list, piece{part: place(len(b.parts)), next: none, entry: e})
	b.parts = append(b.parts, p)
}

func (b *builder) build() *sheet {
	if len(b.root.list) > 0 {
		b.grid(b.root, b.sheet.bound, math.Inf(-1), math.Inf(1), 0)
	}
	// Without what growing left over: a sheet lives long.
	s := b.sheet
	s.grids, s.cells, s.entries = slices.Clone(s.grids), slices.Clone(s.cells), slices.Clone(s.entries)
	s.edges, s.circles, s.strips = slices.Clone(s.edges), slices.Clone(s.circles), slices.Clone(s.strips)
	return s
}

// grid adds the grid that divides the pieces of a box, and those within it. What the
// pieces say holds from south to north.
func (b *builder) grid(from pieces, box orb.Bound, south, north float64, depth int) {
	g := b.shape(from, box)
	g.firstRef = len(b.sheet.cells)
	b.sheet.cells = append(b.sheet.cells, make([]cell, g.columns*g.rows)...)
	b.sheet.grids = append(b.sheet.grids, g)
	s := &b.levels[depth]
	s.start(b, g, box, south, north)
	for i := range from.list {
		switch p := &from.list[i]; p.count {
		case isCircle:
			s.splitRound(p, &b.sheet.circles[p.first])
		case isStrip:
			s.splitRound(p, &b.sheet.strips[p.first])
		default:
			s.splitPolygon(p, from.edges[p.first:p.first+p.count])
		}
	}
	b.sheet.entries = slices.Grow(b.sheet.entries, len(s.list))
	b.sheet.edges = slices.Grow(b.sheet.edges, len(s.edges))
	for i := range g.columns * g.rows {
		b.cell(s, i, depth)
	}
}

// cell fills a cell of the grid that s has split. What lies across the whole cell is
// told here, and not again in each cell of a finer grid.
func (b *builder) cell(s *splitter, i, depth int) {
	x := b.sheet
	box := s.grid.box(i%s.grid.columns, i/s.grid.columns, s.box)
	weight := 0
	var inner pieces
	for at := s.heads[i]; at != none; at = s.list[at].next {
		weight += s.list[at].weight()
	}
	finer := weight > fewEdges && depth+1 < maxDepth
	if finer {
		for at := s.heads[i]; at != none; at = s.list[at].next {
			if p := s.list[at]; p.count != 0 {
				inner.list = append(inner.list, p)
			}
		}
		inner.edges = s.edges
		g := b.shape(inner, box)
		finer = g.columns*g.rows > 1
	}
	c := cell{first: place(len(x.entries))}
	for at := s.heads[i]; at != none; at = s.list[at].next {
		p := s.list[at]
		if finer && p.count != 0 {
			continue
		}
		if p.count > 0 {
			edges := s.edges[p.first : p.first+p.count]
			p.first = place(len(x.edges))
			x.edges = append(x.edges, edges...)
		}
		x.entries = append(x.entries, p.entry)
	}
	c.end = place(len(x.entries))
	if finer {
		c.finer = place(len(x.grids))
		south, north := s.latitudes(i / s.grid.columns)
		b.grid(inner, box, south, north, depth+1)
	}
	x.cells[s.grid.firstRef+i] = c
}

func (p *piece) weight() int {
	if p.count < 0 {
		return roundWeight
	}
	return int(p.count)
}

// shape chooses how fine a grid is: fine enough for edgesPerCell, unless the edges are
// so long, or the zones so large, that they would stand in too many cells.
func (b *builder) shape(from pieces, box orb.Bound) grid {
	width, height := box.Max.Lon()-box.Min.Lon(), box.Max.Lat()-box.Min.Lat()
	weight := 0
	for i := range from.list {
		weight += from.list[i].weight()
	}
	side := max(1, int(math.Sqrt(float64(weight)/edgesPerCell)))
	for ; side > 1; side = side * 2 / 3 {
		perLon, perLat := cellsPerDegree(side, width), cellsPerDegree(side, height)
		edges, entries := 0.0, 0.0
		for i := range from.list {
			p := &from.list[i]
			entries += b.parts[p.part].cells(box, perLon, perLat)
			if p.count < 0 {
				continue
			}
			for _, e := range from.edges[p.first : p.first+p.count] {
				if e.a.Lon() != farEast {
					edges += 1 + min(math.Abs(e.b.Lon()-e.a.Lon()), width)*perLon + min(e.b.Lat()-e.a.Lat(), height)*perLat
				}
			}
		}
		if limit := float64(maxCopies * weight); edges <= limit && entries <= limit {
			break
		}
	}
	return newGrid(box, cells(side, width), cells(side, height))
}

// cells estimates how many a part has something in, of those that cut a box.
func (p *part) cells(box orb.Bound, perLon, perLat float64) float64 {
	columns := 1 + perLon*(min(p.bound.Max.Lon(), box.Max.Lon())-max(p.bound.Min.Lon(), box.Min.Lon()))
	rows := 1 + perLat*(min(p.bound.Max.Lat(), box.Max.Lat())-max(p.bound.Min.Lat(), box.Min.Lat()))
	return min(columns*rows, (columns+rows)*(1+p.thickness*max(perLon, perLat)))
}

func cells(side int, degrees float64) int {
	return max(1, int(min(float64(side), degrees/minCell)))
}

func cellsPerDegree(side int, degrees float64) float64 {
	if n := cells(side, degrees); n > 1 {
		return float64(n) / degrees
	}
	return 0
}

// place narrows an index: 2 billion edges don't fit in memory.
func place(i int) int32 { return int32(i) } //nolint:gosec // see above
