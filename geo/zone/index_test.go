package zone_test

import (
	"math"
	"sync"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/geo"
	"waybill/geo/zone"
)

func square(west, south, east, north float64) orb.Ring {
	return orb.Ring{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}
}

func area(rings ...orb.Ring) orb.MultiPolygon { return orb.MultiPolygon{orb.Polygon(rings)} }

func TestAt(t *testing.T) {
	t.Parallel()
	index := zone.NewIndex([]zone.Zone{
		{ID: 3, Area: area(square(0, 0, 10, 10), square(4, 4, 6, 6))},
		{ID: 1, Area: orb.MultiPolygon{{square(5, 5, 20, 20)}, {square(30, 30, 31, 31)}}},
		{ID: 2, Center: orb.Point{0, 0}, Radius: 1000},
		{ID: 4}, // neither holds nothing
	})
	for name, test := range map[string]struct {
		point orb.Point
		want  []int64
	}{
		"inside":                   {orb.Point{2, 2}, []int64{3}},
		"outside":                  {orb.Point{-2, 2}, nil},
		"two, sorted":              {orb.Point{8, 8}, []int64{1, 3}},
		"in the hole":              {orb.Point{4.5, 4.5}, nil},
		"in the hole of one":       {orb.Point{5.5, 5.5}, []int64{1}},
		"second polygon":           {orb.Point{30.5, 30.5}, []int64{1}},
		"south border":             {orb.Point{2, 0}, []int64{3}},
		"north border":             {orb.Point{2, 10}, []int64{3}},
		"west border":              {orb.Point{0, 3}, []int64{3}},
		"east border":              {orb.Point{10, 3}, []int64{3}},
		"corner":                   {orb.Point{10, 0}, []int64{3}},
		"corner, and the circle":   {orb.Point{0, 0}, []int64{2, 3}},
		"border of the hole":       {orb.Point{4, 4.5}, []int64{3}},
		"corner of the hole":       {orb.Point{6, 6}, []int64{1, 3}},
		"level with a hole's edge": {orb.Point{-1, 4}, nil},
		"level with the border":    {orb.Point{-1, 0}, nil},
		"in the circle":            {orb.Point{-0.005, 0}, []int64{2}},
		"beside the circle":        {orb.Point{-0.008, -0.008}, nil},
		"not a number":             {orb.Point{math.NaN(), 2}, nil},
		"not on earth":             {orb.Point{2, 92}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, index.At(nil, test.point))
		})
	}
}

func TestAtAppends(t *testing.T) {
	t.Parallel()
	index := zone.NewIndex([]zone.Zone{{ID: 1, Area: area(square(0, 0, 1, 1))}})
	require.Equal(t, []int64{9, 1}, index.At([]int64{9}, orb.Point{0.5, 0.5}))
}

func TestEmptyIndex(t *testing.T) {
	t.Parallel()
	require.Empty(t, zone.NewIndex(nil).At(nil, orb.Point{0, 0}))
}

func TestAntimeridian(t *testing.T) {
	t.Parallel()
	hole := square(179.6, -0.5, 179.8, 0.5)
	for name, shape := range map[string]orb.MultiPolygon{
		"jumps":             area(square(179, -1, -179, 1), hole),
		"runs on eastward":  area(square(179, -1, 181, 1), hole),
		"runs on westward":  area(square(-181, -1, -179, 1), hole),
		"cut in two":        {{square(179, -1, 180, 1), hole}, {square(-180, -1, -179, 1)}},
		"hole a turn apart": area(square(-181, -1, -179, 1), square(179.6, -0.5, 179.8, 0.5)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			index := zone.NewIndex([]zone.Zone{{ID: 1, Area: shape}})
			for _, lon := range []float64{179, 179.5, 180, -180, -179.5, -179} {
				require.Equal(t, []int64{1}, index.At(nil, orb.Point{lon, 0.1}), lon)
			}
			for _, lon := range []float64{178.9, -178.9, 0, 90, 179.7} {
				require.Empty(t, index.At(nil, orb.Point{lon, 0.1}), lon)
			}
		})
	}
}

func TestCircleAcrossAntimeridianAndPole(t *testing.T) {
	t.Parallel()
	index := zone.NewIndex([]zone.Zone{
		{ID: 1, Center: orb.Point{179.999, 10}, Radius: 5000},
		{ID: 2, Center: orb.Point{50, 89.99}, Radius: 5000},
	})
	require.Equal(t, []int64{1}, index.At(nil, orb.Point{-179.99, 10}))
	require.Equal(t, []int64{1}, index.At(nil, orb.Point{179.99, 10}))
	require.Empty(t, index.At(nil, orb.Point{-179.9, 10}))
	require.Equal(t, []int64{2}, index.At(nil, orb.Point{-130, 89.99}))
}

// One cell goes all around the earth, and its middle is on the other side of it.
func TestSmallCirclesOnBothSidesOfTheAntimeridian(t *testing.T) {
	t.Parallel()
	index := zone.NewIndex([]zone.Zone{
		{ID: 1, Center: orb.Point{179.9999982217206, 0}, Radius: 0.044456985250973066},
		{ID: 2, Center: orb.Point{-180, 0}, Radius: 0.011114246312743267},
	})
	require.Equal(t, []int64{2}, index.At(nil, orb.Point{-180, 0}))
	require.Equal(t, []int64{2}, index.At(nil, orb.Point{180, 0}))
}

func TestBrokenRingsHoldNothing(t *testing.T) {
	t.Parallel()
	index := zone.NewIndex([]zone.Zone{
		{ID: 1, Area: orb.MultiPolygon{nil, {}, {nil}, {orb.Ring{{0, 0}}}}},
		{ID: 2, Area: area(orb.Ring{{0, 0}, {math.NaN(), 1}, {1, 1}, {0, 0}})},
		{ID: 3, Area: area(orb.Ring{{0, 0}, {math.Inf(1), 1}, {1, 1}, {0, 0}})},
		{ID: 4, Area: area(orb.Ring{{0, 0}, {0, 0}, {0, 0}, {0, 0}})},
		{ID: 5, Center: orb.Point{0, 0}, Radius: math.NaN()},
	})
	require.Empty(t, index.At(nil, orb.Point{0.5, 0.6}))
}

// Of the ring with a corner beyond the pole not even the border on earth is ground: a
// hole like that is none, and an outer ring like that has no polygon.
func TestRingsBeyondThePoleHoldNothing(t *testing.T) {
	t.Parallel()
	beyond := orb.Ring{{0, 88.9526231496888}, {0, 98.92945843740844}, {0, 88.9526231496888}}
	index := zone.NewIndex([]zone.Zone{
		{ID: 1, Area: area(beyond)},
		{ID: 2, Area: area(square(-1, 88, 1, 89), beyond)},
		{ID: 3, Area: area(beyond, square(-1, 88, 1, 89))},
	})
	require.Equal(t, []int64{2}, index.At(nil, orb.Point{0, 88.9526231496888}))
	require.Empty(t, index.At(nil, orb.Point{0, 89.5}))
}

// Where the products of degrees are too small for a float64.
func TestVerySmallDegrees(t *testing.T) {
	t.Parallel()
	const least = math.SmallestNonzeroFloat64
	index := zone.NewIndex([]zone.Zone{{ID: 1, Area: area(orb.Ring{{0, -1}, {10, least}, {0, 1}, {10, 1}, {20, 0}, {0, -1}})}})
	for _, lat := range []float64{-least, 0, least} {
		for lon, want := range map[float64]int{-0.4: 0, 9.9: 0, 10: 1, 10.4: 1, 19: 1, 20: 1, 20.4: 0} {
			require.Len(t, index.At(nil, orb.Point{lon, lat}), want, "%v, %v", lon, lat)
		}
	}
	bent := area(orb.Ring{{1, -1}, {1, 0}, {1.2, least}, {1, 1}, {0.5, 1}, {0.5, -1}, {1, -1}})
	require.Len(t, zone.NewIndex([]zone.Zone{{ID: 1, Area: bent}}).At(nil, orb.Point{0.9, 0}), 1)
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	index := zone.NewIndex([]zone.Zone{{ID: 1, Area: area(square(0, 0, 1, 1))}})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 100 {
				index.At(nil, orb.Point{float64(i) / 50, 0.5})
			}
		})
	}
	group.Wait()
}

// drawRing draws a star: a ring that doesn't cross itself, with corners on a coarse
// grid so that points often fall on vertices and level with them.
func drawRing(t *rapid.T) orb.Ring {
	n := rapid.IntRange(3, 24).Draw(t, "corners")
	ring := make(orb.Ring, 0, n+1)
	for i := range n {
		angle := 2 * math.Pi * float64(i) / float64(n)
		radius := rapid.Float64Range(1, 30).Draw(t, "radius")
		ring = append(ring, orb.Point{math.Round(radius * math.Cos(angle)), math.Round(radius * math.Sin(angle))})
	}
	return append(ring, ring[0])
}

func TestAgreesWithPlainScan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ring := drawRing(t)
		index := zone.NewIndex([]zone.Zone{{ID: 1, Area: area(ring)}})
		// Less than 1e-9 degrees would be too little for the plain scan's arithmetic.
		p := orb.Point{
			math.Round(rapid.Float64Range(-32, 32).Draw(t, "lon")*1e9) / 1e9,
			math.Round(rapid.Float64Range(-32, 32).Draw(t, "lat")*1e9) / 1e9,
		}
		if got, want := len(index.At(nil, p)) == 1, planar.RingContains(ring, p); got != want {
			t.Fatalf("%v in %v: got %v", p, ring, got)
		}
	})
}

func TestEveryVertexIsInside(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ring := drawRing(t)
		index := zone.NewIndex([]zone.Zone{{ID: 1, Area: area(ring)}})
		for _, p := range ring {
			if len(index.At(nil, p)) != 1 {
				t.Fatalf("corner %v of %v is outside", p, ring)
			}
		}
	})
}

// Neighbours that share a crooked border leave no point between them.
func TestNeighboursLeaveNoGap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var border orb.LineString
		for i := range rapid.IntRange(2, 20).Draw(t, "points") {
			border = append(border, orb.Point{rapid.Float64Range(-1, 1).Draw(t, "lon"), float64(i) / 3})
		}
		top := border[len(border)-1].Lat()
		west := append(orb.Ring{{-5, top}, {-5, 0}}, border...)
		east := append(orb.Ring{{5, top}, {5, 0}}, border...)
		index := zone.NewIndex([]zone.Zone{{ID: 1, Area: area(west)}, {ID: 2, Area: area(east)}})
		// A point that is on the border but for rounding.
		i := rapid.IntRange(1, len(border)-1).Draw(t, "edge")
		f := rapid.Float64Range(0, 1).Draw(t, "along")
		a, b := border[i-1], border[i]
		p := orb.Point{a[0] + f*(b[0]-a[0]), min(a[1]+f*(b[1]-a[1]), top)}
		if len(index.At(nil, p)) == 0 {
			t.Fatalf("%v is in neither", p)
		}
	})
}

func TestCircleIsDistance(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		center := orb.Point{rapid.Float64Range(-180, 180).Draw(t, "lon"), rapid.Float64Range(-90, 90).Draw(t, "lat")}
		radius := rapid.Float64Range(1, 3e6).Draw(t, "radius")
		p := geo.Destination(center, rapid.Float64Range(0, 360).Draw(t, "bearing"), radius*rapid.Float64Range(0, 2).Draw(t, "part"))
		index := zone.NewIndex([]zone.Zone{{ID: 1, Center: center, Radius: radius}})
		if got, want := len(index.At(nil, p)) == 1, geo.Distance(center, p) <= radius; got != want {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}
