package corridor_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/geo"
	"waybill/geo/corridor"
)

func ExampleCorridor_Nearest() {
	route, err := corridor.New(orb.LineString{{116, 40}, {116, 41}, {117, 41}}, 500)
	if err != nil {
		panic(err)
	}
	p := orb.Point{116.005, 40.5}
	place := route.Nearest(p)
	fmt.Printf("%.0f m off, %.1f of %.1f km along, inside: %v\n",
		place.Distance, place.Along/1000, route.Length()/1000, route.Inside(p))
	// Output: 423 m off, 55.6 of 195.1 km along, inside: true
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path  orb.LineString
		width float64
	}{
		"no points":      {nil, 1},
		"not on earth":   {orb.LineString{{0, 0}, {0, 91}}, 1},
		"negative width": {orb.LineString{{0, 0}}, -1},
		"no width":       {orb.LineString{{0, 0}}, math.NaN()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := corridor.New(c.path, c.width)
			require.ErrorIs(t, err, corridor.ErrPath)
		})
	}
}

func TestNotOnEarthIsOutside(t *testing.T) {
	t.Parallel()
	c, err := corridor.New(orb.LineString{{0, 0}, {1, 0}}, 1e9)
	require.NoError(t, err)
	require.False(t, c.Inside(orb.Point{0, 91}))
	require.True(t, math.IsNaN(c.Nearest(orb.Point{math.NaN(), 0}).Along))
}

// draw makes a path of legs up to 200 km, and a point within 400 km of it, away from the
// poles, where [geo.Destination], which the tests measure against, is off by centimetres.
func draw(t *rapid.T) (orb.LineString, orb.Point) {
	bearing := rapid.Float64Range(0, 360)
	at := orb.Point{rapid.Float64Range(-180, 180).Draw(t, "lon"), rapid.Float64Range(-60, 60).Draw(t, "lat")}
	path := orb.LineString{at}
	for range rapid.IntRange(0, 8).Draw(t, "legs") {
		at = geo.Destination(at, bearing.Draw(t, "bearing"), rapid.Float64Range(0, 2e5).Draw(t, "length"))
		path = append(path, at)
	}
	near := rapid.SampledFrom(path).Draw(t, "near")
	return path, geo.Destination(near, bearing.Draw(t, "bearing"), rapid.Float64Range(0, 4e5).Draw(t, "off"))
}

const millimetre = 1e-3

func TestNearest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		path, p := draw(t)
		c, err := corridor.New(path, 1000)
		require.NoError(t, err)
		place := c.Nearest(p)
		for _, vertex := range path {
			if place.Distance > geo.Distance(vertex, p)+millimetre {
				t.Fatalf("%v is nearer than the path", vertex)
			}
		}
		// No place on the path is nearer, and the one that is told is that near.
		along, found := 0.0, false
		for i := 1; i < len(path); i++ {
			a, length := path[i-1], geo.Distance(path[i-1], path[i])
			bearing := geo.Bearing(a, path[i])
			for step := range 21 {
				if d := geo.Distance(geo.Destination(a, bearing, length*float64(step)/20), p); d < place.Distance-millimetre {
					t.Fatalf("step %d of leg %d is at %v m, not %v", step, i, d, place.Distance)
				}
			}
			if place.Along >= along && place.Along <= along+length {
				there := geo.Destination(a, bearing, place.Along-along)
				found = found || math.Abs(geo.Distance(there, p)-place.Distance) < millimetre
			}
			along += length
		}
		if len(path) > 1 && !found {
			t.Fatalf("%v is not where the path is that near", place)
		}
		slices.Reverse(path)
		back, err := corridor.New(path, 1000)
		require.NoError(t, err)
		require.InDelta(t, place.Distance, back.Nearest(p).Distance, millimetre)
		require.InDelta(t, c.Length(), back.Length(), millimetre)
	})
}

// A metre's step changes the distance by a metre at most.
func TestDistanceIsContinuous(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		path, p := draw(t)
		c, err := corridor.New(path, 0)
		require.NoError(t, err)
		step := rapid.Float64Range(0, 1).Draw(t, "step")
		q := geo.Destination(p, rapid.Float64Range(0, 360).Draw(t, "heading"), step)
		require.InDelta(t, c.Nearest(p).Distance, c.Nearest(q).Distance, step+millimetre)
	})
}

func BenchmarkNearest(b *testing.B) {
	var path orb.LineString
	for i := range 100 {
		path = append(path, orb.Point{116 + float64(i)/100, 40 + 0.1*math.Sin(float64(i))})
	}
	c, err := corridor.New(path, 500)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		c.Nearest(orb.Point{116.5, 40.05})
	}
}

// What is near a leg is in its box, under one of the names of its meridian: over the
// antimeridian, near the poles, and where the great circle bulges towards one.
func TestLegBound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		point := func(name string) orb.Point {
			return orb.Point{
				rapid.OneOf(rapid.Float64Range(-180, 180), rapid.SampledFrom([]float64{-180, -179, 0, 179.5, 180})).Draw(t, name+" lon"),
				rapid.OneOf(rapid.Float64Range(-90, 90), rapid.SampledFrom([]float64{-90, -89.9, 0, 60, 89.99, 90})).Draw(t, name+" lat"),
			}
		}
		leg := corridor.NewLeg(point("a"), point("b"))
		p := point("p")
		distance := leg.Distance(geo.NewVector(p))
		if distance > 5e6 {
			t.Skip("no corridor is that wide")
		}
		bound := leg.Bound(distance*(1+1e-9) + millimetre)
		for _, turn := range []float64{-360, 0, 360} {
			if bound.Contains(orb.Point{p.Lon() + turn, p.Lat()}) {
				return
			}
		}
		t.Fatalf("%v is outside of %v", p, bound)
	})
}
