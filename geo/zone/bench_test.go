package zone_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/paulmach/orb"

	"waybill/geo"
	"waybill/geo/zone"
)

// blob has n corners around its center, at most radius degrees away, on a border that
// is as crooked as those of countries.
func blob(random *rand.Rand, center orb.Point, radius float64, n int) orb.Ring {
	ring := make(orb.Ring, 0, n+1)
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		r := radius * (0.8 + 0.18*math.Sin(6*math.Pi*float64(i)/float64(n)) + 0.02*random.Float64())
		ring = append(ring, orb.Point{center[0] + r*cos, center[1] + r*sin})
	}
	return append(ring, ring[0])
}

// BenchmarkAt asks for points over a city of 10,000 zones, and over 20 countries of
// 5,000 corners.
func BenchmarkAt(b *testing.B) {
	for name, c := range map[string]struct {
		zones, corners int
		spread, radius float64
	}{
		"city":      {10_000, 40, 0.3, 0.004},
		"countries": {20, 5_000, 20, 10},
	} {
		b.Run(name, func(b *testing.B) {
			random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same every time
			place := func() orb.Point {
				return orb.Point{116 + c.spread*(random.Float64()-0.5), 40 + c.spread*(random.Float64()-0.5)}
			}
			zones := make([]zone.Zone, c.zones)
			for i := range zones {
				zones[i] = zone.Zone{ID: int64(i), Area: orb.MultiPolygon{{blob(random, place(), c.radius, c.corners)}}}
			}
			index := zone.NewIndex(zones)
			points := make([]orb.Point, 1<<12)
			for i := range points {
				points[i] = place()
			}
			var dst []int64
			found := 0
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				dst = index.At(dst[:0], points[i%len(points)])
				found += len(dst)
			}
			b.ReportMetric(float64(found)/float64(b.N), "zones/op")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "points/s")
		})
	}
}

// BenchmarkNewIndex builds the city's index, as each change of a zone makes it built.
func BenchmarkNewIndex(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same every time
	zones := make([]zone.Zone, 10_000)
	for i := range zones {
		center := orb.Point{116 + 0.3*random.Float64(), 40 + 0.3*random.Float64()}
		zones[i] = zone.Zone{ID: int64(i), Area: orb.MultiPolygon{{blob(random, center, 0.004, 40)}}}
	}
	before := heap()
	index := zone.NewIndex(zones)
	b.ReportMetric(float64(heap()-before)/float64(len(zones)), "kept-B/zone")
	b.ReportAllocs()
	for b.Loop() {
		index = zone.NewIndex(zones)
	}
	runtime.KeepAlive(index)
}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func BenchmarkDistance(b *testing.B) {
	p, q := orb.Point{116.39, 39.9}, orb.Point{121.49, 31.24}
	for b.Loop() {
		geo.Distance(p, q)
	}
}
