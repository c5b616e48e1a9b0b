package zone_test

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/geo"
	"waybill/geo/corridor"
	"waybill/geo/zone"
)

// scan asks each zone about the point, edge by edge.
func scan(zones []zone.Zone, p orb.Point) []int64 {
	var found []int64
	for _, z := range zones {
		in := z.Radius > 0 && geo.Distance(z.Center, p) <= z.Radius
		if path, err := corridor.New(z.Path, z.Width); err == nil && z.Width > 0 {
			in = in || path.Inside(p)
		}
		for _, polygon := range z.Area {
			polygon = onEarth(geo.Unwrap(polygon))
			for _, turn := range []float64{0, 360, -360} {
				in = in || evenOdd(polygon, orb.Point{p.Lon() + turn, p.Lat()})
			}
		}
		if in {
			found = append(found, z.ID)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// onEarth leaves out the rings that hold nothing, and their holes.
func onEarth(polygon orb.Polygon) orb.Polygon {
	var rings orb.Polygon
	for i, ring := range polygon {
		bound := ring.Bound()
		// One turn beyond the antimeridian is as far as longitudes may run on.
		earth := orb.Bound{Min: orb.Point{-540, -90}, Max: orb.Point{540, 90}}
		switch {
		case bound.Min != bound.Max && earth.Contains(bound.Min) && earth.Contains(bound.Max):
			rings = append(rings, ring)
		case i == 0:
			return nil
		}
	}
	return rings
}

func evenOdd(polygon orb.Polygon, p orb.Point) bool {
	inside := false
	for _, ring := range polygon {
		for i, b := range ring {
			a := ring[(i+len(ring)-1)%len(ring)]
			if a == b {
				continue
			}
			if a.Lat() > b.Lat() || a.Lat() == b.Lat() && a.Lon() > b.Lon() {
				a, b = b, a
			}
			if p.Lat() < a.Lat() || p.Lat() > b.Lat() {
				continue
			}
			side := (b.Lon()-a.Lon())*(p.Lat()-a.Lat()) - (b.Lat()-a.Lat())*(p.Lon()-a.Lon())
			if side == 0 && min(a.Lon(), b.Lon()) <= p.Lon() && p.Lon() <= max(a.Lon(), b.Lon()) {
				return true
			}
			if side > 0 && p.Lat() < b.Lat() {
				inside = !inside
			}
		}
	}
	return inside
}

// place is where the drawn zones are, and how large: often on a raster, so that they
// share corners, borders and latitudes.
type place struct {
	center orb.Point
	size   float64
	raster float64
	// beyond says that some corners may be beyond a pole.
	beyond bool
}

func drawPlace(t *rapid.T) place {
	size := math.Pow(10, rapid.Float64Range(-10, 1.3).Draw(t, "magnitude"))
	return place{
		center: orb.Point{
			rapid.SampledFrom([]float64{0, 116.4, 180, -180, 179.999}).Draw(t, "center lon"),
			rapid.SampledFrom([]float64{0, 39.9, -33.3, 69, 89.9, -90}).Draw(t, "center lat"),
		},
		size:   size,
		raster: rapid.SampledFrom([]float64{0, size / 4, size / 32}).Draw(t, "raster"),
		beyond: rapid.IntRange(0, 9).Draw(t, "beyond") == 0,
	}
}

// point draws one at most reach times the size away. Its longitude is not wrapped.
func (c place) point(t *rapid.T, reach float64) orb.Point {
	offset := func(label string) float64 {
		// Whole steps, since floats that are drawn tend to be so small that products
		// of two vanish.
		x := c.size * reach * float64(rapid.IntRange(-1_000_000, 1_000_000).Draw(t, label)) / 1_000_000
		if c.raster > 0 {
			x = math.Round(x/c.raster) * c.raster
		}
		return x
	}
	p := orb.Point{c.center.Lon() + offset("lon"), c.center.Lat() + offset("lat")}
	if !c.beyond {
		p[1] = min(max(p[1], -90), 90)
	}
	return p
}

// earthly draws a point on earth.
func (c place) earthly(t *rapid.T) orb.Point {
	p := c.point(t, 1)
	return orb.Point{geo.WrapLongitude(p[0]), min(max(p[1], -90), 90)}
}

// ring may cross itself and overlap others: even-odd says what is inside.
func (c place) ring(t *rapid.T) orb.Ring {
	around := place{c.point(t, 1), c.size / 2, c.raster, c.beyond}
	ring := make(orb.Ring, rapid.IntRange(3, 16).Draw(t, "corners"))
	for i := range ring {
		ring[i] = around.point(t, 1)
	}
	return ring
}

func (c place) zone(t *rapid.T, id int64) zone.Zone {
	// Metres from about a part of the size to more than all of it, or a few: then most
	// of the ground is small beside it.
	reach := 1e5 * c.size * rapid.Float64Range(0.01, 1).Draw(t, "reach")
	if rapid.IntRange(0, 3).Draw(t, "much") == 0 {
		reach = rapid.Float64Range(1, 100).Draw(t, "metres")
	}
	switch rapid.IntRange(0, 6).Draw(t, "kind") {
	case 0:
		return zone.Zone{ID: id, Center: c.earthly(t), Radius: reach}
	case 1:
		path := make(orb.LineString, rapid.IntRange(1, 6).Draw(t, "path"))
		for i := range path {
			path[i] = c.earthly(t)
		}
		return zone.Zone{ID: id, Path: path, Width: reach}
	}
	polygon := make(orb.Polygon, rapid.IntRange(1, 3).Draw(t, "rings"))
	wrap := rapid.Bool().Draw(t, "wrap")
	for i := range polygon {
		polygon[i] = c.ring(t)
		for j := range polygon[i] {
			if wrap {
				polygon[i][j][0] = geo.WrapLongitude(polygon[i][j][0])
			}
		}
	}
	return zone.Zone{ID: id, Area: orb.MultiPolygon{polygon}}
}

// The index is as exact as to ask all edges of all zones: with holes, circles, shared
// borders, and across the antimeridian.
func TestIndexIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := drawPlace(t)
		zones := make([]zone.Zone, rapid.IntRange(1, 12).Draw(t, "zones"))
		var points []orb.Point
		for i := range zones {
			zones[i] = at.zone(t, int64(i))
			points = append(points, zones[i].Path...)
			for _, polygon := range zones[i].Area {
				points = append(points, polygon[0]...)
			}
		}
		for _, corner := range points {
			level := at.point(t, 2)
			points = append(points, level, orb.Point{level.Lon(), corner.Lat()}, orb.Point{corner.Lon(), level.Lat()})
		}
		index := zone.NewIndex(zones)
		for _, p := range points {
			if p[0] = geo.WrapLongitude(p[0]); !geo.Valid(p) {
				continue
			}
			if got, want := index.At(nil, p), scan(zones, p); !slices.Equal(got, want) {
				t.Fatalf("%v: got %v, want %v in %v", p, got, want, zones)
			}
		}
	})
}

// A polygon that is smaller than the margin within which cells keep edges, and as far
// from the border of the grid's cells, which is that of the cells of finer grids, too:
// rounding decides for each grid anew what is near.
func TestSmallPolygonBesideABorderOfCells(t *testing.T) {
	t.Parallel()
	ring := orb.Ring{
		{-5e-10, 89.9},
		{-9.5e-10, 89.9},
		{-5e-10, 89.90000000005},
		{-5e-10, 89.9000000001},
		{-9.5e-10, 89.9},
		{-5e-10, 89.90000000015},
		{-5e-10, 89.9},
		{-5e-10, 89.90000000025},
		{-9.5e-10, 89.9},
		{-9.000000004825012e-10, 89.90000000020001},
		{-5e-10, 89.9},
	}
	var weight orb.Ring
	for range 20 {
		weight = append(weight, orb.Point{0, 89.9}, orb.Point{-9.5e-10, 89.9})
	}
	for step := range 200 {
		center := orb.Point{-1.9e-9 - float64(step)*1e-20, 89.9000000003}
		index := zone.NewIndex([]zone.Zone{{ID: 0, Area: area(ring, weight)}, {ID: 1, Center: center, Radius: 10}})
		for lat := 89.9; lat < 89.9000000004; lat += 1e-11 {
			require.Equal(t, []int64{1}, index.At(nil, orb.Point{-2e-9, lat}), "%v, %v", center, lat)
		}
	}
}

// Zones upon zones, so many that cells have finer grids in them.
func TestCrowdedIndexIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := place{center: orb.Point{116.4, 39.9}, size: 0.1, raster: rapid.SampledFrom([]float64{0, 0.01}).Draw(t, "raster")}
		var zones []zone.Zone
		for i := range 3 {
			few := at.zone(t, int64(i))
			for j := range rapid.IntRange(20, 40).Draw(t, "copies") {
				// Each a little smaller, towards the first corner.
				copied := few
				copied.ID, copied.Radius, copied.Width = int64(len(zones)), few.Radius/float64(j+1), few.Width/float64(j+1)
				copied.Area = few.Area.Clone()
				for _, polygon := range copied.Area {
					for _, ring := range polygon {
						for k := range ring {
							ring[k][0] = ring[0][0] + (ring[k][0]-ring[0][0])/float64(j+1)
						}
					}
				}
				zones = append(zones, copied)
			}
		}
		index := zone.NewIndex(zones)
		for range 40 {
			p := at.point(t, 1.5)
			if got, want := index.At(nil, p), scan(zones, p); !slices.Equal(got, want) {
				t.Fatalf("%v: got %v, want %v in %v", p, got, want, zones)
			}
		}
	})
}
