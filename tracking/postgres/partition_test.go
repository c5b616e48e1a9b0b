package postgres_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"waybill/internal/pgtest"
	"waybill/tracking"
	"waybill/tracking/postgres"
)

func partitions(t *testing.T, pool *pgxpool.Pool) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `select inhrelid::regclass::text from pg_inherits
		where inhparent = 'tracking.position'::regclass order by 1`)
	require.NoError(t, err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return names
}

func newPartitions(pool *pgxpool.Pool) *postgres.Partitions {
	return postgres.NewPartitions(pool, postgres.PartitionOptions{})
}

func TestPartitionsAhead(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	keepByDay(t, pool, "2020-01-01")
	now := time.Date(2026, 2, 27, 23, 59, 0, 0, time.UTC)
	require.NoError(t, newPartitions(pool).Ahead(t.Context(), now))
	require.Equal(t, []string{
		"tracking.position_20260226", "tracking.position_20260227", "tracking.position_20260228",
		"tracking.position_20260301", "tracking.position_20260302",
	}, partitions(t, pool))
}

func TestPartitionsRun(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- newPartitions(pool).Run(ctx) }()
	require.Eventually(t, func() bool { return len(partitions(t, pool)) >= 5 }, time.Minute, 10*time.Millisecond)
	cancel()
	require.NoError(t, <-ended)
}

// TestPartitionsOfManyProcesses has several make the same days at once, which each
// believes to be the first to do.
func TestPartitionsOfManyProcesses(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	keepByDay(t, pool, "2000-01-01")
	first := time.Date(2008, 10, 23, 12, 0, 0, 0, time.UTC)
	var running sync.WaitGroup
	errs := make(chan error, 4*5)
	for range 4 {
		p := newPartitions(pool)
		for day := range 5 {
			running.Go(func() { errs <- p.Ensure(t.Context(), first.AddDate(0, 0, day)) })
		}
	}
	running.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	require.Len(t, partitions(t, pool), 5)
}

// TestPartitionThatIsGone has a day dropped behind the store's back.
func TestPartitionThatIsGone(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	keepByDay(t, g.pool, "2020-01-01")
	g.AddDevice(t, "unit-1")
	ids, err := g.DeviceIDs(t.Context(), []string{"unit-1"})
	require.NoError(t, err)
	commit := func(hour int) tracking.Committed {
		record, rejected := tracking.Validate(tracking.Report{
			Device: "unit-1", Source: "test", Received: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC),
			Fix: tracking.NewFix(time.Date(2026, 3, 2, hour, 0, 0, 0, time.UTC), [2]float64{116, 39}),
		}, 0)
		require.Nil(t, rejected)
		record.DeviceID = ids["unit-1"]
		committed, err := g.Commit(t.Context(), []tracking.Record{record})
		require.NoError(t, err)
		return committed
	}
	commit(5)
	g.exec(t, "drop table tracking.position_20260302")
	require.Equal(t, tracking.Stored, commit(6).Outcomes[0].Kind)
	require.Equal(t, tracking.Stored, commit(4).Outcomes[0].Kind) // by way of staging
	require.Len(t, g.Fixes(t, "unit-1"), 2)
}
