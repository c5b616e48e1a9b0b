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

// around gives places in a square of degrees around Beijing, the same every time.
func around(spread float64) (random *rand.Rand, next func() orb.Point) {
	random = rand.New(rand.NewPCG(1, 2)) //nolint:gosec // see above
	return random, func() orb.Point {
		return orb.Point{116 + spread*(random.Float64()-0.5), 40 + spread*(random.Float64()-0.5)}
	}
}

// blobs are zones of as many corners, at most radius degrees around places.
func blobs(random *rand.Rand, next func() orb.Point, n, corners int, radius float64) []zone.Zone {
	zones := make([]zone.Zone, n)
	for i := range zones {
		zones[i] = zone.Zone{ID: int64(i), Area: orb.MultiPolygon{{blob(random, next(), radius, corners)}}}
	}
	return zones
}

// winding is a path of legs of half a kilometre, like that of a road.
func winding(random *rand.Rand, from orb.Point, legs int) orb.LineString {
	path := orb.LineString{from}
	bearing := 360 * random.Float64()
	for range legs {
		bearing += 40 * (random.Float64() - 0.5)
		from = geo.Destination(from, bearing, 500)
		path = append(path, from)
	}
	return path
}

// BenchmarkAt asks for points over a city of 10,000 zones, over 20 countries of 5,000
// corners, along 20 corridors of 500 legs, and over 10,000 zones of all these kinds.
func BenchmarkAt(b *testing.B) {
	for _, c := range []struct {
		name                       string
		spread                     float64
		city, countries, corridors int
	}{
		{"city", 0.3, 10_000, 0, 0},
		{"countries", 20, 0, 20, 0},
		{"corridors", 2, 0, 0, 20},
		{"all", 0.3, 9_960, 20, 20},
	} {
		b.Run(c.name, func(b *testing.B) {
			random, next := around(c.spread)
			zones := blobs(random, next, c.city, 40, 0.004)
			zones = append(zones, blobs(random, next, c.countries, 5_000, 10)...)
			for range c.corridors {
				zones = append(zones, zone.Zone{Path: winding(random, next(), 500), Width: 200})
			}
			for i := range zones {
				zones[i].ID = int64(i)
			}
			benchmarkAt(b, zone.NewIndex(zones), next)
		})
	}
}

func benchmarkAt(b *testing.B, index *zone.Index, next func() orb.Point) {
	b.Helper()
	points := make([]orb.Point, 1<<14)
	for i := range points {
		points[i] = next()
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
}

// BenchmarkNewIndex builds the city's index.
func BenchmarkNewIndex(b *testing.B) {
	random, next := around(0.3)
	zones := blobs(random, next, 10_000, 40, 0.004)
	before := heap()
	index := zone.NewIndex(zones)
	kept := heap() - before
	b.ReportAllocs()
	for b.Loop() {
		index = zone.NewIndex(zones)
	}
	b.ReportMetric(float64(kept)/float64(len(zones)), "kept-B/zone")
	runtime.KeepAlive(index)
}

// BenchmarkWith changes one zone of the city after the other, and asks again for points
// when a thousand have changed.
func BenchmarkWith(b *testing.B) {
	random, next := around(0.3)
	zones := blobs(random, next, 10_000, 40, 0.004)
	index := zone.NewIndex(zones)
	b.Run("change", func(b *testing.B) {
		changed := index
		for i := 0; b.Loop(); i++ {
			if i%1000 == 0 {
				changed = index
			}
			z := zones[i%len(zones)]
			z.Area = orb.MultiPolygon{{blob(random, next(), 0.004, 40)}}
			changed = changed.With([]zone.Zone{z}, nil)
		}
	})
	for i := range 1000 {
		z := zones[i]
		z.Area = orb.MultiPolygon{{blob(random, next(), 0.004, 40)}}
		index = index.With([]zone.Zone{z}, nil)
	}
	b.Run("layers", func(b *testing.B) {
		benchmarkAt(b, index, next)
		b.ReportMetric(float64(index.Layers()), "layers")
	})
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
