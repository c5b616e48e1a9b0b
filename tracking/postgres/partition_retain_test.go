package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/internal/pgtest"
	"waybill/tracking"
	"waybill/tracking/postgres"
)

// newRetaining keeps two days.
func newRetaining(g dayGround, patience time.Duration) *postgres.Partitions {
	return postgres.NewPartitions(g.pool, postgres.PartitionOptions{
		Retention: 48 * time.Hour, Patience: patience, LockTimeout: 5 * time.Millisecond,
	})
}

func TestRetainDropsWholeDays(t *testing.T) {
	t.Parallel()
	g := newDayGround(t, 2)
	start := midnight(t)
	for offset := range 4 {
		g.fill(t, start.AddDate(0, 0, offset), 3)
	}
	p := newRetaining(g, time.Minute)
	require.NoError(t, p.Seal(t.Context(), start))
	g.commit(t, g.record(t, "unit-0", start.Add(time.Second)))
	require.NoError(t, newPartitions(g.pool).Retain(t.Context(), start.AddDate(9, 0, 0))) // it keeps all for ever
	require.NoError(t, p.Retain(t.Context(), start.AddDate(0, 0, 3)))                     // not yet: a process may be behind
	require.Len(t, partitions(t, g.pool), 4)

	require.NoError(t, p.Retain(t.Context(), start.AddDate(0, 0, 3).Add(time.Hour)))
	require.Equal(t, []string{"tracking.position_20260303", "tracking.position_20260304", "tracking.position_20260305"}, partitions(t, g.pool))
	days, err := p.Days(t.Context())
	require.NoError(t, err)
	require.Len(t, days, 3)
	require.Equal(t, 18, g.count(t))
	for _, left := range []string{"tracking.position_day", "tracking.position_late"} {
		var rows int
		require.NoError(t, g.pool.QueryRow(t.Context(), "select count(*) from "+left).Scan(&rows))
		require.Zero(t, rows, left)
	}
	// The store remembers the day as being there, and makes it anew.
	g.commit(t, g.record(t, "unit-0", start.Add(time.Minute)))
}

// TestCommitsGoOnWhileADayIsDetached has somebody read for so long that detaching
// has to wait, and stores fixes meanwhile.
func TestCommitsGoOnWhileADayIsDetached(t *testing.T) {
	t.Parallel()
	g := newDayGround(t, 2)
	start := midnight(t)
	g.fill(t, start, 3)
	next := start.AddDate(0, 0, 1)
	g.fill(t, next, 3)
	reader, err := g.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = reader.Exec(t.Context(), "select from tracking.position")
	require.NoError(t, err)
	dropped := make(chan error)
	go func() { dropped <- newRetaining(g, time.Minute).Retain(t.Context(), start.AddDate(0, 0, 4)) }()
	g.requireEventually(t, "select exists (select from pg_inherits where inhdetachpending)")

	// Nothing that they need is waited for: the shortest of timeouts doesn't end them.
	config := g.pool.Config()
	config.ConnConfig.RuntimeParams["lock_timeout"] = "1s"
	store := postgres.NewFixStore(pgtest.OpenConfig(t, config), postgres.FixOptions{})
	for i := range 50 {
		late, newer := next.Add(time.Duration(i)*time.Minute+time.Second), next.Add(2*time.Hour+time.Duration(i)*time.Second)
		committed, err := store.Commit(t.Context(), []tracking.Record{g.record(t, "unit-0", late), g.record(t, "unit-1", newer)})
		require.NoError(t, err)
		require.Equal(t, tracking.Stored, committed.Outcomes[0].Kind)
		require.Equal(t, tracking.Stored, committed.Outcomes[1].Kind)
	}
	require.Equal(t, 6+100, g.count(t)) // of the day that goes nothing is to be seen any more

	require.NoError(t, reader.Rollback(t.Context()))
	require.NoError(t, <-dropped)
	require.Equal(t, []string{"tracking.position_20260303"}, partitions(t, g.pool))
	require.Equal(t, 6+100, g.count(t))
}

// TestRetainGoesOnWhereItBrokeOff finishes what it, or a process that died, began.
func TestRetainGoesOnWhereItBrokeOff(t *testing.T) {
	t.Parallel()
	g := newDayGround(t, 1)
	start := midnight(t)
	g.fill(t, start, 3)
	g.fill(t, start.AddDate(0, 0, 1), 3)
	g.exec(t, "alter table tracking.position detach partition tracking.position_20260303") // and died
	reader, err := g.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = reader.Exec(t.Context(), "select from tracking.position")
	require.NoError(t, err)
	now := start.AddDate(0, 0, 9)
	p := newRetaining(g, time.Millisecond)
	require.ErrorIs(t, p.Retain(t.Context(), now), postgres.ErrBusy)
	require.Equal(t, postgres.DayDetached, g.day(t, p, start).State)
	require.ErrorIs(t, p.Seal(t.Context(), start), tracking.ErrNotFound)
	require.NoError(t, reader.Rollback(t.Context()))

	require.NoError(t, newRetaining(g, time.Minute).Retain(t.Context(), now))
	require.Empty(t, partitions(t, g.pool))
	days, err := p.Days(t.Context())
	require.NoError(t, err)
	require.Empty(t, days)
}
