package simplify_test

import (
	"testing"

	"github.com/paulmach/orb"

	"waybill/geo"
	"waybill/geo/simplify"
)

// town is a drive through streets, a point every 10 m or so with a receiver's errors.
func town(n int) []orb.Point {
	track := make([]orb.Point, n)
	at, bearing, random := orb.Point{116.4, 39.9}, 0.0, uint64(1)
	next := func() float64 {
		random ^= random << 13
		random ^= random >> 7
		random ^= random << 17
		return float64(random>>11) / (1 << 53)
	}
	for i := range track {
		if next() < 0.03 {
			bearing += 90
		}
		at = geo.Destination(at, bearing, 10)
		track[i] = geo.Destination(at, 360*next(), 3*next())
	}
	return track
}

func BenchmarkTolerance(b *testing.B) {
	track := town(100_000)
	s := simplify.NewTolerance(10, func(p orb.Point) orb.Point { return p })
	var kept []orb.Point
	passed, n := 0, 0
	for b.Loop() {
		kept = s.Add(kept[:0], track[n%len(track)])
		passed += len(kept)
		n++
	}
	b.ReportMetric(float64(passed)/float64(n), "kept/point")
}

func BenchmarkBudget(b *testing.B) {
	track := town(100_000)
	s := simplify.NewBudget(1000, func(p orb.Point) orb.Point { return p })
	for i := 0; b.Loop(); i++ {
		s.Add(track[i%len(track)])
	}
}
