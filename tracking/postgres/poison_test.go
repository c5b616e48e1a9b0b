package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
)

// A fix that somebody stored without moving the state on, as a restored table may
// have, neither blocks its device nor those in the same batch.
func TestStrayFixesBlockNobody(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	start := time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	g.AddDevice(t, "a")
	g.AddDevice(t, "b")
	ids, err := g.DeviceIDs(t.Context(), []string{"a", "b"})
	require.NoError(t, err)
	fix := func(device string, minute int, lon float64) tracking.Record {
		at := start.Add(time.Duration(minute) * time.Minute)
		return tracking.Record{
			DeviceID: ids[device], DeviceUID: device, Received: at, Source: "test", Fix: tracking.NewFix(at, orb.Point{10 + 0.1*lon, 5}),
		}
	}
	decide := func(records ...tracking.Record) (decided []tracking.OutcomeKind) {
		committed, err := g.Commit(t.Context(), records)
		require.NoError(t, err)
		for _, o := range committed.Outcomes {
			decided = append(decided, o.Kind)
		}
		return decided
	}
	stored := tracking.Stored
	require.Equal(t, []tracking.OutcomeKind{stored, stored}, decide(fix("a", 0, 0), fix("b", 0, 0)))
	g.exec(t, `insert into tracking.position (device_id, fix_time, received_time, geom, source)
		select $1, $2::timestamptz + i * interval '5 minutes', now(), ST_SetSRID(ST_MakePoint(10 + 0.1 * i, 5), 4326), 'by hand' from generate_series(1, 3) i`, ids["a"], start)

	require.Equal(t, []tracking.OutcomeKind{tracking.Duplicate, tracking.Conflict, stored, stored},
		decide(fix("a", 5, 1), fix("a", 10, 1), fix("a", 12, 0), fix("b", 1, 0)))
	require.Equal(t, start.Add(12*time.Minute), g.LastPosition(t, "a").Fix.Time)
	require.Equal(t, []tracking.OutcomeKind{stored}, decide(fix("a", 20, 0)))
	require.Equal(t, start.Add(20*time.Minute), g.LastPosition(t, "a").Fix.Time)
	require.Len(t, g.Fixes(t, "a"), 6)
}

// What is within our bounds and beyond the server's is unstorable, and doesn't come
// again for ever.
func TestBeyondTheServersLimitsIsUnstorable(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.exec(t, `do $$ begin execute format('alter database %I set max_stack_depth = ''100kB''', current_database()); end $$`)
	g.pool.Reset()
	g.AddDevice(t, "a")
	ids, err := g.DeviceIDs(t.Context(), []string{"a"})
	require.NoError(t, err)
	at := time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	_, err = g.Commit(t.Context(), []tracking.Record{{
		DeviceID: ids["a"], DeviceUID: "a", Received: at, Source: "test", Fix: tracking.NewFix(at, orb.Point{}),
		Attributes: []byte(strings.Repeat("[", 8_000) + strings.Repeat("]", 8_000)),
	}})
	require.ErrorIs(t, err, tracking.ErrUnstorable)
}

// What was committed beside a fix that can't be is said to be, and is not done again.
func TestNeighboursOfPoisonAreDecided(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.AddDevice(t, "a")
	g.AddDevice(t, "b")
	ids, err := g.DeviceIDs(t.Context(), []string{"a", "b"})
	require.NoError(t, err)
	record := func(device string, minute int) tracking.Record {
		at := time.Date(2026, time.March, 2, 8, minute, 0, 0, time.UTC)
		return tracking.Record{DeviceID: ids[device], DeviceUID: device, Received: at, Source: "test", Fix: tracking.NewFix(at, orb.Point{10, 5})}
	}
	_, err = g.Commit(t.Context(), []tracking.Record{record("a", 1), record("b", 1)})
	require.NoError(t, err)

	poison := record("a", 0) // late, so that it goes another way than its neighbour
	poison.Attributes = []byte(`{"huge":1e200000}`)
	committed, err := g.Commit(t.Context(), []tracking.Record{poison, record("b", 2)})
	require.ErrorIs(t, err, tracking.ErrUnstorable)
	require.Len(t, committed.Outcomes, 2)
	require.Equal(t, tracking.Retry, committed.Outcomes[0].Kind)
	require.Equal(t, tracking.Stored, committed.Outcomes[1].Kind)
	require.Len(t, committed.Positions, 1)
	require.Equal(t, "b", committed.Positions[0].Device)
	require.Len(t, g.Fixes(t, "a"), 1)
	require.Len(t, g.Fixes(t, "b"), 2)
}
