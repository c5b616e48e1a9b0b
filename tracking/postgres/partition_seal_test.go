package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
	"waybill/tracking/postgres"
)

func TestSealSortsADayAndIndexesItsPlaces(t *testing.T) {
	t.Parallel()
	g := newDayGround(t, 3)
	start := midnight(t)
	g.fill(t, start, 40)
	const stored = "select" + rowColumns + `from tracking.position
		where device_id = (select id from tracking.device where uid = $1) order by fix_time`
	before := g.rows(t, stored, "unit-1")
	p := newPartitions(g.pool)
	require.Equal(t, postgres.DayOpen, g.day(t, p, start).State)

	require.NoError(t, p.Seal(t.Context(), start.Add(time.Hour)))
	d := g.day(t, p, start)
	require.Equal(t, postgres.DaySealed, d.State)
	require.EqualValues(t, 120, d.Rows)
	require.NotZero(t, d.SealedTime)
	require.Positive(t, d.TableBytes)
	require.Positive(t, d.IndexBytes)
	g.requireSorted(t)
	require.Equal(t, before, g.rows(t, stored, "unit-1"))
	require.Equal(t, []string{"tracking.position_20260302"}, partitions(t, g.pool))

	rows, err := g.pool.Query(t.Context(), `select indexrelid::regclass::text from pg_index
		where indrelid = 'tracking.position_20260302'::regclass order by 1`)
	require.NoError(t, err)
	indexes, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Equal(t, []string{"tracking.position_20260302_near", "tracking.position_20260302_pkey"}, indexes)
}

// TestSealedDayAnswersWhoWasNear asks as one would of a large day, which this isn't:
// so reading it whole is ruled out.
func TestSealedDayAnswersWhoWasNear(t *testing.T) {
	t.Parallel()
	g := newDayGround(t, 2)
	start := midnight(t)
	g.fill(t, start, 60)
	require.NoError(t, newPartitions(g.pool).Seal(t.Context(), start))
	const near = ` from tracking.position
		where tracking.cell(geom) = tracking.cell('SRID=4326;POINT(116.0101 39)'::geometry)
		and fix_time >= '2026-03-02 00:00Z' and fix_time < '2026-03-02 12:00Z'`
	err := pgx.BeginFunc(t.Context(), g.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "set local enable_seqscan = off")
		require.NoError(t, err)
		rows, err := tx.Query(t.Context(), "explain select count(*)"+near)
		require.NoError(t, err)
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		require.Contains(t, fmt.Sprint(plan), "position_20260302_near")
		var found int
		require.NoError(t, tx.QueryRow(t.Context(), "select count(*)"+near).Scan(&found))
		require.Equal(t, 2*14, found) // a minute is 0.0007 degrees
		return nil
	})
	require.NoError(t, err)
}

// TestLateFixesOfASealedDay take the way they always take, and have the day sealed
// again when there are enough.
func TestLateFixesOfASealedDay(t *testing.T) {
	t.Parallel()
	g := newDayGround(t, 2)
	start := midnight(t)
	g.fill(t, start, 10)
	p := postgres.NewPartitions(g.pool, postgres.PartitionOptions{SealAfter: time.Hour, SealAgain: 3})
	now := start.Add(26 * time.Hour)
	require.NoError(t, p.SealFinished(t.Context(), start.Add(24*time.Hour)))
	require.Equal(t, postgres.DayOpen, g.day(t, p, start).State)
	require.NoError(t, p.SealFinished(t.Context(), now))
	first := g.day(t, p, start)
	require.Equal(t, postgres.DaySealed, first.State)

	late := g.record(t, "unit-0", start.Add(90*time.Second))
	g.commit(t, late)
	again, err := g.Commit(t.Context(), []tracking.Record{late})
	require.NoError(t, err)
	require.Equal(t, tracking.Duplicate, again.Outcomes[0].Kind)
	g.commit(t, g.record(t, "unit-1", start.Add(23*time.Hour))) // newer than all: it is copied
	d := g.day(t, p, start)
	require.Equal(t, postgres.DayLate, d.State)
	require.EqualValues(t, 2, d.LateRows)
	require.EqualValues(t, 22, d.Rows)
	require.NoError(t, p.SealFinished(t.Context(), now))
	require.Equal(t, first.SealedTime, g.day(t, p, start).SealedTime) // too few

	g.commit(t, g.record(t, "unit-0", start.Add(30*time.Second)))
	require.NoError(t, p.SealFinished(t.Context(), now))
	d = g.day(t, p, start)
	require.Equal(t, postgres.DaySealed, d.State)
	require.EqualValues(t, 23, d.Rows)
	require.True(t, d.SealedTime.After(first.SealedTime))
	g.requireSorted(t)
	require.Equal(t, 23, g.count(t))
}

// TestSealTakesWhatComesMeanwhile holds the swap off with somebody who reads, stores
// late fixes when the new table is written already, and lets it go on.
func TestSealTakesWhatComesMeanwhile(t *testing.T) {
	t.Parallel()
	g := newDayGround(t, 2)
	start := midnight(t)
	g.fill(t, start, 10)
	p := newPartitions(g.pool)
	reader, err := g.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = reader.Exec(t.Context(), "lock table only tracking.position in access share mode")
	require.NoError(t, err)
	sealed := make(chan error)
	go func() { sealed <- p.Seal(t.Context(), start) }()
	g.requireEventually(t, "select to_regclass('tracking.position_20260302_aside_near') is not null")
	for i := range 20 {
		g.commit(t, g.record(t, g.devices[i%2], start.Add(time.Duration(i)*time.Minute+time.Second)))
	}
	require.NoError(t, reader.Rollback(t.Context()))
	require.NoError(t, <-sealed)
	require.Equal(t, 40, g.count(t))
	d := g.day(t, p, start)
	require.Equal(t, postgres.DaySealed, d.State)
	require.EqualValues(t, 40, d.Rows)
}

// TestSealGivesWay to somebody who reads for ever, and leaves nothing behind.
func TestSealGivesWay(t *testing.T) {
	t.Parallel()
	g := newDayGround(t, 2)
	start := midnight(t)
	g.fill(t, start, 10)
	p := postgres.NewPartitions(g.pool, postgres.PartitionOptions{LockTimeout: time.Millisecond, Patience: time.Millisecond})
	reader, err := g.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = reader.Exec(t.Context(), "lock table only tracking.position in access share mode")
	require.NoError(t, err)
	require.ErrorIs(t, p.Seal(t.Context(), start), postgres.ErrBusy)
	g.commit(t, g.record(t, "unit-0", start.Add(time.Second)))
	require.Equal(t, postgres.DayOpen, g.day(t, p, start).State)
	require.NoError(t, reader.Rollback(t.Context()))
	var left bool
	require.NoError(t, g.pool.QueryRow(t.Context(), "select to_regclass('tracking.position_20260302_aside') is not null").Scan(&left))
	require.False(t, left)
	require.NoError(t, newPartitions(g.pool).Seal(t.Context(), start))
	require.EqualValues(t, 21, g.day(t, p, start).Rows)
	require.Equal(t, 21, g.count(t))
}

// TestSealCutOff is ended between writing and swapping, as by a process that is
// killed, and done again by another.
func TestSealCutOff(t *testing.T) {
	t.Parallel()
	g := newDayGround(t, 1)
	start := midnight(t)
	g.fill(t, start, 5)
	reader, err := g.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = reader.Exec(t.Context(), "lock table only tracking.position in access share mode")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	sealed := make(chan error)
	go func() { sealed <- newPartitions(g.pool).Seal(ctx, start) }()
	g.requireEventually(t, "select to_regclass('tracking.position_20260302_aside_near') is not null")
	cancel()
	require.ErrorIs(t, <-sealed, context.Canceled)
	g.commit(t, g.record(t, "unit-0", start.Add(time.Second)))
	require.NoError(t, reader.Rollback(t.Context()))
	require.Equal(t, 6, g.count(t))

	// The server ends what it is at, and with it the lock, when it notices.
	require.Eventually(t, func() bool { return newPartitions(g.pool).Seal(t.Context(), start) == nil }, time.Minute, 10*time.Millisecond)
	require.EqualValues(t, 6, g.day(t, newPartitions(g.pool), start).Rows)
	require.Equal(t, 6, g.count(t))
	require.Equal(t, []string{"tracking.position_20260302"}, partitions(t, g.pool))
}

func TestSealIsForOneProcess(t *testing.T) {
	t.Parallel()
	g := newDayGround(t, 1)
	start := midnight(t)
	g.fill(t, start, 2)
	reader, err := g.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = reader.Exec(t.Context(), "lock table only tracking.position in access share mode")
	require.NoError(t, err)
	sealed := make(chan error)
	go func() { sealed <- newPartitions(g.pool).Seal(t.Context(), start) }()
	g.requireEventually(t, "select to_regclass('tracking.position_20260302_aside') is not null")
	require.ErrorIs(t, newPartitions(g.pool).Seal(t.Context(), start), postgres.ErrBusy)
	require.NoError(t, reader.Rollback(t.Context()))
	require.NoError(t, <-sealed)
}

func TestSealRefuses(t *testing.T) {
	t.Parallel()
	g := newDayGround(t, 1)
	p := newPartitions(g.pool)
	require.ErrorIs(t, p.Seal(t.Context(), time.Now()), postgres.ErrDayNotOver)
	require.ErrorIs(t, p.Seal(t.Context(), midnight(t)), tracking.ErrNotFound)
}

// TestSealUnderLateFixes seals a day again and again while several processes store
// late fixes in it, every other one twice: each is stored once, and none is lost.
func TestSealUnderLateFixes(t *testing.T) {
	t.Parallel()
	const fixes = 150
	g := newDayGround(t, 4)
	start := midnight(t)
	g.fill(t, start.Add(23*time.Hour), 1)
	p := newPartitions(g.pool)
	writing, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	failures := make(chan error, 2*len(g.devices))
	for _, device := range g.devices {
		records := make([]tracking.Record, 0, fixes)
		for i := range fixes {
			records = append(records, g.record(t, device, start.Add(time.Duration(i)*time.Minute)))
		}
		for range 2 {
			store := postgres.NewFixStore(g.pool, postgres.FixOptions{})
			writers.Go(func() { failures <- commitEach(t.Context(), store, records) })
		}
	}
	go func() { writers.Wait(); stop() }()
	seals := 0
	for ; writing.Err() == nil || seals == 0; seals++ {
		require.NoError(t, p.Seal(t.Context(), start))
	}
	close(failures)
	for err := range failures {
		require.NoError(t, err)
	}
	require.Equal(t, len(g.devices)*(fixes+1), g.count(t))
	require.EqualValues(t, g.count(t), g.day(t, p, start).Rows)
	require.NoError(t, p.Seal(t.Context(), start))
	require.Equal(t, postgres.DaySealed, g.day(t, p, start).State)
	require.EqualValues(t, g.count(t), g.day(t, p, start).Rows)
	g.requireSorted(t)
	t.Logf("%d seals", seals)
}

func commitEach(ctx context.Context, store *postgres.FixStore, records []tracking.Record) error {
	for i := range records {
		committed, err := store.Commit(ctx, records[i:i+1])
		if err != nil {
			return err
		}
		if kind := committed.Outcomes[0].Kind; kind != tracking.Stored && kind != tracking.Duplicate {
			return fmt.Errorf("fix %d became %v", i, kind)
		}
	}
	return nil
}
