package ingestbench_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/internal/pgtest"
	"waybill/tracking/postgres/ingestbench"
)

func TestRunLeavesNothing(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	result, err := ingestbench.Run(t.Context(), pool, ingestbench.Options{FixesPerDevice: 5, BatchSize: 20, Rounds: 3, Zones: 10})
	require.NoError(t, err)
	require.Positive(t, result.Ratio)
	require.Positive(t, result.FixesPerSecond)
	var left, tables int
	require.NoError(t, pool.QueryRow(t.Context(), `
		select (select count(*) from tracking.device) + (select count(*) from tracking.position)
			+ (select count(*) from tracking.transition) + (select count(*) from tracking.zone),
			(select count(*) from pg_tables where tablename like 'bench%')`).Scan(&left, &tables))
	require.Zero(t, left)
	require.Zero(t, tables)
}

func TestRunZoneChangesLeavesNothing(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	result, err := ingestbench.RunZoneChanges(t.Context(), pool, ingestbench.Options{BatchSize: 20, Rounds: 3, Zones: 10})
	require.NoError(t, err)
	require.Positive(t, result.QuietLongest)
	require.Positive(t, result.ChangingLongest)
	var left int
	require.NoError(t, pool.QueryRow(t.Context(), "select count(*) from tracking.zone").Scan(&left))
	require.Zero(t, left)
}
