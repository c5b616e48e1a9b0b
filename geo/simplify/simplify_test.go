package simplify_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/geo"
	"waybill/geo/corridor"
	"waybill/geo/simplify"
)

// fix is a point that knows its place in the track.
type fix struct {
	index int
	at    orb.Point
}

func position(f fix) orb.Point { return f.at }

// rounding is what a distance in metres may be wrong by.
const rounding = 1e-5

// drawTrack draws a drive: steps and turns from a place anywhere, with stops in it, near
// poles and across the antimeridian as well, and longer than a window.
func drawTrack(t *rapid.T) []fix {
	n := rapid.OneOf(rapid.IntRange(0, 5), rapid.IntRange(0, 300), rapid.IntRange(1000, 3500)).Draw(t, "points")
	at := orb.Point{
		rapid.OneOf(rapid.Float64Range(-180, 180), rapid.Float64Range(179.99, 180)).Draw(t, "longitude"),
		rapid.OneOf(rapid.Float64Range(-90, 90), rapid.Float64Range(89.9, 90)).Draw(t, "latitude"),
	}
	stride := rapid.SampledFrom([]float64{1, 30, 1000, 50_000}).Draw(t, "stride")
	bend := rapid.SampledFrom([]float64{0, 1, 20, 180}).Draw(t, "bend")
	random := rapid.Uint64().Draw(t, "shape")
	next := func() float64 { // xorshift: thousands of draws would take rapid too long
		random ^= random << 13
		random ^= random >> 7
		random ^= random << 17
		return float64(random>>11) / (1 << 53)
	}
	random |= 1
	fixes := make([]fix, n)
	bearing := 360 * next()
	for i := range fixes {
		fixes[i] = fix{i, at}
		switch kind := next(); {
		case kind < 0.1: // it stands
		case kind < 0.12:
			bearing = 360 * next()
		default:
			bearing += bend * (2*next() - 1)
			at = geo.Destination(at, bearing, stride*next())
		}
	}
	return fixes
}

// distance is from the point to the leg, by other means than the package's own.
func distance(t *rapid.T, a, b, p orb.Point) float64 {
	if a == b {
		return geo.Distance(a, p)
	}
	c, err := corridor.New(orb.LineString{a, b}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return c.Nearest(p).Distance
}

// strayed checks that the kept ones are in order, with both ends, and returns how far
// in metres a dropped one is from the leg past it at most.
func strayed(t *rapid.T, all, kept []fix) float64 {
	if len(all) == 0 {
		if len(kept) != 0 {
			t.Fatalf("%d points of none", len(kept))
		}
		return 0
	}
	if len(kept) == 0 || kept[0].index != 0 || kept[len(kept)-1].index != len(all)-1 {
		t.Fatalf("an end is missing: %v", kept)
	}
	most := 0.0
	for i := 1; i < len(kept); i++ {
		a, b := kept[i-1], kept[i]
		if a.index >= b.index {
			t.Fatalf("point %d comes after %d", b.index, a.index)
		}
		for _, dropped := range all[a.index+1 : b.index] {
			most = max(most, distance(t, a.at, b.at, dropped.at))
		}
	}
	return most
}

func within(track []fix, tolerance float64) ([]fix, *simplify.Tolerance[fix]) {
	s := simplify.NewTolerance(tolerance, position)
	var kept []fix
	for _, f := range track {
		kept = s.Add(kept, f)
	}
	return s.Finish(kept), s
}

func TestToleranceHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		track := drawTrack(t)
		tolerance := rapid.SampledFrom([]float64{0, 0.5, 10, 500, 1e5, 3e7}).Draw(t, "tolerance")
		kept, s := within(track, tolerance)
		most := strayed(t, track, kept)
		if most > tolerance+rounding {
			t.Fatalf("a dropped point is %v m away, the tolerance is %v m", most, tolerance)
		}
		if most > s.Deviation()+rounding || s.Deviation() > tolerance+rounding {
			t.Fatalf("%v m away, said to be %v m, the tolerance is %v m", most, s.Deviation(), tolerance)
		}
	})
}

func TestBudgetHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		track := drawTrack(t)
		points := rapid.SampledFrom([]int{2, 3, 10, 100, 1000}).Draw(t, "budget")
		s := simplify.NewBudget(points, position)
		for _, f := range track {
			s.Add(f)
		}
		kept := s.Points()
		if len(kept) > points {
			t.Fatalf("%d points for a budget of %d", len(kept), points)
		}
		if len(track) > points && len(kept) < points {
			t.Fatalf("only %d points for a budget of %d", len(kept), points)
		}
		if most := strayed(t, track, kept); most > s.Deviation()+rounding {
			t.Fatalf("a dropped point is %v m away, said to be %v m", most, s.Deviation())
		}
	})
}

func TestBothHoldTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		track := drawTrack(t)
		first, tolerance := within(track, rapid.Float64Range(0, 200).Draw(t, "tolerance"))
		budget := simplify.NewBudget(rapid.IntRange(2, 100).Draw(t, "budget"), position)
		for _, f := range first {
			budget.Add(f)
		}
		most := strayed(t, track, budget.Points())
		if bound := tolerance.Deviation() + budget.Deviation(); most > bound+rounding {
			t.Fatalf("a dropped point is %v m away, said to be %v m", most, bound)
		}
	})
}

func TestStraightRoadsNeedTwoPointsOnly(t *testing.T) {
	t.Parallel()
	for name, road := range map[string]struct{ from, bearing float64 }{
		"north across the pole": {89.99, 0}, "along the equator, over the antimeridian": {0, 90}, "far north": {85, 60},
	} {
		var track []fix
		for i := range 900 {
			track = append(track, fix{i, geo.Destination(orb.Point{179.99, road.from}, road.bearing, float64(i)*10)})
		}
		kept, _ := within(track, 0.01)
		require.Len(t, kept, 2, name)
	}
}

func TestDegreesOfLongitudeAreShortInTheNorth(t *testing.T) {
	t.Parallel()
	// The point in the middle is 0.001 degrees to the side: 111 m at the equator, 10 m at
	// 84.8 degrees north.
	side := func(lat float64) int {
		kept, _ := within([]fix{{0, orb.Point{10, lat - 0.1}}, {1, orb.Point{10.001, lat}}, {2, orb.Point{10, lat + 0.1}}}, 50)
		return len(kept)
	}
	require.Equal(t, 3, side(0))
	require.Equal(t, 2, side(84.8))
}

func TestALongStopIsOnePlace(t *testing.T) {
	t.Parallel()
	s := simplify.NewTolerance(20, position)
	var kept []fix
	for i := range 100_000 {
		jitter := geo.Destination(orb.Point{116.4, 39.9}, float64(i*37%360), float64(i%10))
		kept = s.Add(kept, fix{i, jitter})
	}
	require.Len(t, s.Finish(kept), 2)
}

func TestSimplifiersAreReadyForTheNextTrack(t *testing.T) {
	t.Parallel()
	track := []fix{{0, orb.Point{1, 1}}, {1, orb.Point{2, 5}}, {2, orb.Point{3, 1}}}
	tolerance, budget := simplify.NewTolerance(10, position), simplify.NewBudget(10, position)
	for range 2 {
		var kept []fix
		for _, f := range track {
			kept = tolerance.Add(kept, f)
			budget.Add(f)
		}
		require.Equal(t, track, tolerance.Finish(kept))
		require.Equal(t, track, budget.Points())
	}
}

// TestMemoryIsBounded lets a million points go through and counts what is held.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const count = 1_000_000
	tolerance := simplify.NewTolerance(5, func(p *orb.Point) orb.Point { return *p })
	budget := simplify.NewBudget(500, func(p *orb.Point) orb.Point { return *p })
	var kept []*orb.Point
	passed := 0
	for i := range count {
		// A spiral: no two legs are alike, and nothing is straight.
		angle, radius := float64(i)/50, 1e-7*float64(i)
		p := &orb.Point{116 + radius*math.Cos(angle), 40 + radius*math.Sin(angle)}
		kept = tolerance.Add(kept[:0], p)
		for _, k := range kept {
			budget.Add(k)
			passed++
		}
		require.LessOrEqual(t, tolerance.Held(), 1024)
		require.LessOrEqual(t, budget.Held(), 1000)
	}
	require.Greater(t, passed, 10_000)
	for _, k := range tolerance.Finish(nil) {
		budget.Add(k)
	}
	require.Len(t, budget.Points(), 500)
}
