package zone

import (
	"math"

	"github.com/paulmach/orb"
)

// grid cuts a box into cells of equal degrees.
type grid struct {
	west, south             float64
	perLon, perLat          float64 // cells in a degree; 0 when there is but one
	columns, rows, firstRef int     // firstRef is the first cell's place in sheet.cells
}

func newGrid(box orb.Bound, columns, rows int) grid {
	g := grid{west: box.Min.Lon(), south: box.Min.Lat(), columns: columns, rows: rows}
	if columns > 1 {
		g.perLon = float64(columns) / (box.Max.Lon() - box.Min.Lon())
	}
	if rows > 1 {
		g.perLat = float64(rows) / (box.Max.Lat() - box.Min.Lat())
	}
	return g
}

// column never decreases as the longitude grows, rounding or not. What is outside of
// the box has a column outside of the grid.
func (g *grid) column(lon float64) int { return int(math.Floor((lon - g.west) * g.perLon)) }

func (g *grid) row(lat float64) int { return int(math.Floor((lat - g.south) * g.perLat)) }

// cell is the place in sheet.cells for a point in the box, or so near to it that only
// rounding can have put it outside.
func (g *grid) cell(p orb.Point) int {
	column := min(max(int((p[0]-g.west)*g.perLon), 0), g.columns-1)
	row := min(max(int((p[1]-g.south)*g.perLat), 0), g.rows-1)
	return g.firstRef + row*g.columns + column
}

// box is a cell's, but for rounding.
func (g *grid) box(column, row int, whole orb.Bound) orb.Bound {
	box := whole
	if g.columns > 1 {
		box.Min[0] = g.west + float64(column)/g.perLon
		box.Max[0] = g.west + float64(column+1)/g.perLon
	}
	if g.rows > 1 {
		box.Min[1] = g.south + float64(row)/g.perLat
		box.Max[1] = g.south + float64(row+1)/g.perLat
	}
	return box
}
