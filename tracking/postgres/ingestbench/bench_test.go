package ingestbench_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/internal/pgtest"
	"waybill/tracking/postgres/ingestbench"
)

// BenchmarkIngest reports what the whole transaction takes as a ratio to raw COPY of
// the same rows in the same run ("of_raw"), in batches of 2,000.
func BenchmarkIngest(b *testing.B) {
	pool := pgtest.New(b)
	for _, fixes := range []int{1, 5} {
		for _, zones := range []int{0, 10_000} {
			b.Run(fmt.Sprintf("fixes=%d/zones=%d", fixes, zones), func(b *testing.B) {
				result, err := ingestbench.Run(b.Context(), pool, ingestbench.Options{FixesPerDevice: fixes, Zones: zones, Rounds: max(b.N, 10)})
				require.NoError(b, err)
				b.ReportMetric(result.Ratio, "of_raw")
				b.ReportMetric(result.FixesPerSecond, "fixes/s")
				b.ReportMetric(result.RawPerSecond, "raw/s")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// BenchmarkZoneChanges reports how long commits of 2,000 fixes take with 10,000 zones,
// and when one of these changes during each of them.
func BenchmarkZoneChanges(b *testing.B) {
	pool := pgtest.New(b)
	result, err := ingestbench.RunZoneChanges(b.Context(), pool, ingestbench.Options{Zones: 10_000, Rounds: max(b.N, 50)})
	require.NoError(b, err)
	b.ReportMetric(result.QuietMedian.Seconds()*1000, "quiet-ms")
	b.ReportMetric(result.QuietLongest.Seconds()*1000, "quiet-longest-ms")
	b.ReportMetric(result.ChangingMedian.Seconds()*1000, "changing-ms")
	b.ReportMetric(result.ChangingLongest.Seconds()*1000, "changing-longest-ms")
	b.ReportMetric(0, "ns/op")
}
