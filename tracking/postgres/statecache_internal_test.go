package postgres

import (
	"runtime"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"waybill/tracking/derive"
)

// BenchmarkStates reports what the remembered state of a device takes in memory, among
// 100,000 that are each on a trip in two zones.
func BenchmarkStates(b *testing.B) {
	const devices = 100_000
	for b.Loop() {
		before := heap()
		cache := filledStates(devices)
		b.ReportMetric(float64(heap()-before)/devices, "B/device")
		runtime.KeepAlive(cache)
	}
}

func filledStates(devices int) *stateCache {
	cache := newStateCache()
	batch := make([]deviceBatch, 0, devices)
	now := time.Now().UTC()
	for i := range devices {
		mark := derive.Mark{Time: now, Position: orb.Point{116, 39}}
		batch = append(batch, deviceBatch{id: int64(i), known: true, changed: true, after: derive.State{
			Newest: now, Last: mark, Zones: []int64{1, 2}, Motion: derive.Motion{Since: now, Anchor: mark, Counted: mark},
		}})
	}
	cache.remember(batch)
	return cache
}

func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc) //nolint:gosec // far less
}
