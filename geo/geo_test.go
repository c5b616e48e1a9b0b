package geo_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/geo"
)

func drawPoint(t *rapid.T, name string) orb.Point {
	return orb.Point{
		rapid.Float64Range(-180, 180).Draw(t, name+" lon"),
		rapid.Float64Range(-89.9, 89.9).Draw(t, name+" lat"),
	}
}

// The lengths are of geodesics on WGS-84, by GeographicLib.
func TestDistanceIsNearTheEllipsoids(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a, b   orb.Point
		metres float64
	}{
		"a degree of the equator":  {orb.Point{0, 0}, orb.Point{1, 0}, 111_319.491},
		"a degree of the meridian": {orb.Point{0, 0}, orb.Point{0, 1}, 110_574.389},
		"equator to pole":          {orb.Point{0, 0}, orb.Point{0, 90}, 10_001_965.729},
		"over the antimeridian":    {orb.Point{179.5, 0}, orb.Point{-179.5, 0}, 111_319.491},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.InEpsilon(t, c.metres, geo.Distance(c.a, c.b), 0.0057)
		})
	}
}

func TestDistanceIsAMetric(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawPoint(t, "a"), drawPoint(t, "b"), drawPoint(t, "c")
		ab, ba := geo.Distance(a, b), geo.Distance(b, a)
		if math.Abs(ab-ba) > 1e-6 || geo.Distance(a, a) != 0 {
			t.Fatalf("not symmetric: %v, %v", ab, ba)
		}
		if ab > geo.Distance(a, c)+geo.Distance(c, b)+1e-6 {
			t.Fatalf("a detour over %v is shorter", c)
		}
		if ab > math.Pi*geo.EarthRadius {
			t.Fatalf("%v is further than the other side of the earth", ab)
		}
	})
}

func TestDestinationIsWhereItSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := drawPoint(t, "a")
		bearing := rapid.Float64Range(0, 359.99).Draw(t, "bearing")
		distance := rapid.Float64Range(1, 1.9e7).Draw(t, "distance")
		b := geo.Destination(a, bearing, distance)
		if !geo.Valid(b) || b.Lon() == 180 {
			t.Fatalf("%v is not in range", b)
		}
		if got := geo.Distance(a, b); math.Abs(got-distance) > 0.5 {
			t.Fatalf("distance %v, want %v", got, distance)
		}
		// The bearing is well defined away from both ends of the earth.
		if off := math.Abs(geo.Bearing(a, b) - bearing); distance > 100 && min(off, 360-off) > 0.01 {
			t.Fatalf("bearing %v, want %v", geo.Bearing(a, b), bearing)
		}
	})
}

func TestWrapLongitude(t *testing.T) {
	t.Parallel()
	for in, want := range map[float64]float64{
		0: 0, 180: -180, -180: -180, 181: -179, -181: 179, 540: -180, 720.5: 0.5, 179.999: 179.999,
	} {
		require.InDelta(t, want, geo.WrapLongitude(in), 1e-9, in)
	}
	rapid.Check(t, func(t *rapid.T) {
		if lon := geo.WrapLongitude(rapid.Float64Range(-1e6, 1e6).Draw(t, "lon")); lon < -180 || lon >= 180 {
			t.Fatalf("%v", lon)
		}
	})
}

func TestAroundHoldsTheCircle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		center := drawPoint(t, "center")
		radius := rapid.Float64Range(1, 5e6).Draw(t, "radius")
		bound := geo.Around(center, radius)
		p := geo.Destination(center, rapid.Float64Range(0, 360).Draw(t, "bearing"), radius*0.999999)
		for _, turn := range []float64{-360, 0, 360} {
			if bound.Contains(orb.Point{p.Lon() + turn, p.Lat()}) {
				return
			}
		}
		t.Fatalf("%v is outside of %v", p, bound)
	})
}

func TestInBox(t *testing.T) {
	t.Parallel()
	plain := orb.Bound{Min: orb.Point{10, 20}, Max: orb.Point{30, 40}}
	require.True(t, geo.InBox(plain, orb.Point{10, 40}))
	require.False(t, geo.InBox(plain, orb.Point{9.9, 30}))
	require.False(t, geo.InBox(plain, orb.Point{20, 41}))
	crossing := orb.Bound{Min: orb.Point{170, -10}, Max: orb.Point{-170, 10}}
	require.True(t, geo.InBox(crossing, orb.Point{175, 0}))
	require.True(t, geo.InBox(crossing, orb.Point{-175, 0}))
	require.False(t, geo.InBox(crossing, orb.Point{0, 0}))
}

func TestUnwrap(t *testing.T) {
	t.Parallel()
	plain := orb.Polygon{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}}
	require.Equal(t, plain, geo.Unwrap(plain))

	crossing := orb.Polygon{
		{{170, 0}, {-170, 0}, {-170, 10}, {170, 10}, {170, 0}},
		{{-175, 2}, {-172, 2}, {-172, 4}, {-175, 2}},
	}
	before := crossing.Clone()
	require.Equal(t, orb.Polygon{
		{{170, 0}, {190, 0}, {190, 10}, {170, 10}, {170, 0}},
		{{185, 2}, {188, 2}, {188, 4}, {185, 2}},
	}, geo.Unwrap(crossing))
	require.Equal(t, before, crossing, "the argument is left alone")

	// Antarctica as RFC 7946 has it, cut along the antimeridian and the pole.
	antarctica := orb.Polygon{{{-180, -90}, {180, -90}, {180, -70}, {0, -65}, {-180, -70}, {-180, -90}}}
	require.Equal(t, antarctica, geo.Unwrap(antarctica))

	around := orb.Polygon{{{0, 80}, {120, 80}, {-120, 80}, {0, 80}}}
	require.Equal(t, around, geo.Unwrap(around), "a ring around a pole is left as it is")
}
