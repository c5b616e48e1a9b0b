package historybench_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/internal/pgtest"
	"waybill/tracking/postgres/historybench"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var heard int
	result, err := historybench.Run(t.Context(), pgtest.New(t), pgtest.New(t), historybench.Options{
		Positions: 400, SmallPositions: 80, Days: 4, Devices: 20, Samples: 30, Quiet: 100 * time.Millisecond,
		Progress: func(string) { heard++ },
	})
	require.NoError(t, err)
	require.Positive(t, heard)
	require.Equal(t, 100, result.SealedRows)
	require.Positive(t, result.SealTook)
	for _, times := range []historybench.Times{
		result.Last.Small, result.Last.Large, result.At.Small, result.At.Large, result.Near, result.NearOpen,
		result.Commits.Usual, result.Commits.Dropping, result.Empty.Usual, result.Empty.Dropping,
	} {
		require.Positive(t, times.Count)
		require.LessOrEqual(t, times.Median, times.P99)
		require.LessOrEqual(t, times.P99, times.Longest)
	}
	require.Positive(t, result.Last.Ratio)
	require.Positive(t, result.At.Ratio)
}
