package zone

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
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
	// circleWeight is what a circle costs, in edges.
	circleWeight = 4
	// margin, in degrees (a tenth of a millimetre), is far more than rounding moves a
	// point and far less than minCell, the least size of a cell.
	margin  = 1e-9
	minCell = 1e-6
)

// builder makes an index. Its pieces are what the cell that is worked on knows of each
// polygon and circle.
type builder struct {
	index  *Index
	bounds []orb.Bound // of each part
	root   pieces
	levels [maxDepth]splitter // kept from grid to grid, for their memory
}

// piece is a part (a polygon or a circle) as far as it concerns a cell.
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

func (b *builder) addPolygon(id int64, polygon orb.Polygon) {
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
	b.add(bound, entry{id: id, first: place(first), count: place(len(border))})
}

func (b *builder) addCircle(id int64, c circle) {
	b.index.circles = append(b.index.circles, c)
	b.add(c.bound(), entry{id: id, first: place(len(b.index.circles) - 1), count: isCircle})
}

func (b *builder) add(bound orb.Bound, e entry) {
	if len(b.bounds) == 0 {
		b.index.bound = bound
	}
	b.index.bound = b.index.bound.Union(bound)
	b.root.list = append(b.root.list, piece{part: place(len(b.bounds)), next: none, entry: e})
	b.bounds = append(b.bounds, bound)
}

func (b *builder) build() *Index {
	if len(b.root.list) > 0 {
		b.grid(b.root, b.index.bound, math.Inf(-1), math.Inf(1), 0)
	}
	// Without what growing left over: an index lives long.
	x := b.index
	x.grids, x.cells, x.entries = slices.Clone(x.grids), slices.Clone(x.cells), slices.Clone(x.entries)
	x.edges, x.circles = slices.Clone(x.edges), slices.Clone(x.circles)
	return x
}

// grid adds the grid that divides the pieces of a box, and those within it. What the
// pieces say holds from south to north.
func (b *builder) grid(from pieces, box orb.Bound, south, north float64, depth int) {
	g := b.shape(from, box)
	g.firstRef = len(b.index.cells)
	b.index.cells = append(b.index.cells, make([]cell, g.columns*g.rows)...)
	b.index.grids = append(b.index.grids, g)
	s := &b.levels[depth]
	s.start(b, g, box, south, north)
	for i := range from.list {
		if p := &from.list[i]; p.count == isCircle {
			s.splitCircle(p, &b.index.circles[p.first])
		} else {
			s.splitPolygon(p, from.edges[p.first:p.first+p.count])
		}
	}
	b.index.entries = slices.Grow(b.index.entries, len(s.list))
	b.index.edges = slices.Grow(b.index.edges, len(s.edges))
	for i := range g.columns * g.rows {
		b.cell(s, i, depth)
	}
}

// cell fills a cell of the grid that s has split. What lies across the whole cell is
// told here, and not again in each cell of a finer grid.
func (b *builder) cell(s *splitter, i, depth int) {
	x := b.index
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
	if p.count == isCircle {
		return circleWeight
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
			part := b.bounds[p.part]
			columns := min(part.Max.Lon(), box.Max.Lon()) - max(part.Min.Lon(), box.Min.Lon())
			rows := min(part.Max.Lat(), box.Max.Lat()) - max(part.Min.Lat(), box.Min.Lat())
			entries += (1 + columns*perLon) * (1 + rows*perLat)
			if p.count == isCircle {
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
