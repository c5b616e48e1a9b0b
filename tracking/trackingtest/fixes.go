package trackingtest

import (
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
)

func keepsAll(t *testing.T, g Ground) {
	t.Helper()
	furnish(t, g)
	report := at(0, orb.Point{-179.999999999, -89.123456789})
	fix := &report.Fix
	fix.Altitude, fix.Speed, fix.Course, fix.Accuracy = -12.5, 13.37, 359.99, 4.2
	fix.Satellites = 11
	fix.Attributes = map[string]any{"battery_percent": 87.5, "ignition": true, "driver": "Фёдор 李", "nested": map[string]any{"a": []any{1.0, nil}}}
	require.Equal(t, []tracking.OutcomeKind{tracking.Stored}, kinds(commit(t, g, report)))

	want := records(t, g, report)[0].Fix
	require.Equal(t, []tracking.Fix{want}, g.Fixes(t, truckDevice))
	motion := tracking.Motion{Phase: tracking.Moving, Since: want.Time}
	require.Equal(t, &tracking.Position{Device: truckDevice, Vehicle: truck, Received: report.Received, Fix: want, Motion: motion}, g.LastPosition(t, truckDevice))
	// Late ones go another way: they have to arrive whole as well.
	report.Fix.Time, report.Received = start().Add(-time.Hour), start()
	require.Equal(t, []tracking.OutcomeKind{tracking.Stored}, kinds(commit(t, g, report)))
	late := want
	late.Time = report.Fix.Time
	require.Equal(t, []tracking.Fix{late, want}, g.Fixes(t, truckDevice))
}

func keepsUnknown(t *testing.T, g Ground) {
	t.Helper()
	furnish(t, g)
	commit(t, g, at(1, inside()), at(0, inside()))
	commit(t, g, at(-1, inside()))
	fixes := g.Fixes(t, truckDevice)
	require.Len(t, fixes, 3)
	for _, fix := range append(fixes, g.LastPosition(t, truckDevice).Fix) {
		for _, v := range []float64{fix.Altitude, fix.Speed, fix.Course, fix.Accuracy} {
			assert.True(t, math.IsNaN(v), "%v", v)
		}
		assert.Negative(t, fix.Satellites)
		assert.Empty(t, fix.Attributes)
	}
}

func knowsDevices(t *testing.T, g Ground) {
	t.Helper()
	furnish(t, g)
	g.AddDevice(t, "unit-2")
	ids, err := g.DeviceIDs(t.Context(), []string{truckDevice, "unit-2", "nobody"})
	require.NoError(t, err)
	require.Len(t, ids, 2)
	require.NotEqual(t, ids[truckDevice], ids["unit-2"])
	require.NotContains(t, ids, "nobody")
}

func tellsDuplicates(t *testing.T, g Ground) {
	t.Helper()
	furnish(t, g)
	g.AddDevice(t, "unit-2")
	first := at(0, inside())
	first.Fix.Speed, first.Fix.Attributes = 12.3456789, map[string]any{"a": 1, "b": "x"}
	require.Equal(t, []tracking.OutcomeKind{tracking.Stored, tracking.Stored}, kinds(commit(t, g, first, at(5, outside()))))

	again := first
	again.Received, again.Source = first.Received.Add(time.Hour), "another road"
	moved, faster, other := first, first, first
	moved.Fix.Position = orb.Point{116.3970, 39.9080000001}
	faster.Fix.Speed = 12.4
	other.Fix.Attributes = map[string]any{"a": 1}
	elsewhere := first
	elsewhere.Device = "unit-2"
	committed := commit(t, g, again, moved, faster, other, elsewhere)
	require.Equal(t, []tracking.OutcomeKind{
		tracking.Duplicate, tracking.Conflict, tracking.Conflict, tracking.Conflict, tracking.Stored,
	}, kinds(committed))
	require.Equal(t, tracking.ReasonConflict, committed.Outcomes[1].Reason)
	require.NotEmpty(t, committed.Outcomes[1].Detail)
	require.Len(t, g.Fixes(t, truckDevice), 2)
}

func decidesWithinBatch(t *testing.T, g Ground) {
	t.Helper()
	furnish(t, g)
	same, other := at(0, inside()), at(0, outside())
	require.Equal(t, []tracking.OutcomeKind{tracking.Stored, tracking.Duplicate, tracking.Conflict, tracking.Stored},
		kinds(commit(t, g, same, same, other, at(9, inside()))))
	// Of late ones the first wins as well, and what is stored before wins over it.
	late := at(-1, inside())
	require.Equal(t, []tracking.OutcomeKind{tracking.Stored, tracking.Duplicate, tracking.Conflict, tracking.Conflict, tracking.Duplicate},
		kinds(commit(t, g, late, late, at(-1, outside()), other, same)))
	require.Len(t, g.Fixes(t, truckDevice), 3)
}

func rejectsGone(t *testing.T, g Ground) {
	t.Helper()
	furnish(t, g)
	batch := records(t, g, at(0, inside()), at(1, inside()))
	batch[0].DeviceID, batch[0].DeviceUID = 1<<40, "gone"
	committed, err := g.Commit(t.Context(), batch)
	require.NoError(t, err)
	require.Equal(t, []tracking.OutcomeKind{tracking.Rejected, tracking.Stored}, kinds(committed))
	require.Equal(t, tracking.ReasonUnknownDevice, committed.Outcomes[0].Reason)
}

func saysUnstorable(t *testing.T, g Ground) {
	t.Helper()
	furnish(t, g)
	poison := at(1, inside())
	poison.Fix.Attributes = map[string]any{"huge": json.Number("1e200000")}
	_, err := g.Commit(t.Context(), records(t, g, at(0, inside()), poison))
	require.ErrorIs(t, err, tracking.ErrUnstorable)
	require.False(t, tracking.IsRetryable(err))
	require.Empty(t, g.Fixes(t, truckDevice))
	commit(t, g, at(0, inside()))
	require.Len(t, g.Fixes(t, truckDevice), 1)
}

func takesAnyDay(t *testing.T, g Ground) {
	t.Helper()
	furnish(t, g)
	var reports []tracking.Report
	for _, date := range []time.Time{
		tracking.Epoch(), time.Date(2008, 10, 23, 23, 59, 59, 999_999_000, time.UTC), time.Date(2008, 10, 24, 0, 0, 0, 0, time.UTC),
		time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC), start(),
	} {
		reports = append(reports, reportOf(truckDevice, date, inside()))
	}
	commit(t, g, reports[4], reports[1])
	commit(t, g, reports[0], reports[2], reports[3])
	fixes := g.Fixes(t, truckDevice)
	require.Len(t, fixes, len(reports))
	for i, fix := range fixes {
		require.Equal(t, reports[i].Fix.Time, fix.Time)
	}
}

func takesConcurrent(t *testing.T, g Ground) {
	t.Helper()
	furnish(t, g)
	const writers, batches = 4, 20
	var running sync.WaitGroup
	stored := make([]int, writers)
	errs := make([]error, writers)
	for w := range writers {
		running.Go(func() {
			for b := range batches {
				// Every writer sends every fix, each in an order of its own.
				minute := (b*(2*w+1) + 5*w) % batches
				p := outside()
				if minute%3 == 0 {
					p = inside()
				}
				committed, err := g.Commit(t.Context(), records(t, g, at(minute, p), reportOf(truckDevice, start().Add(time.Duration(minute)*time.Minute+time.Second), p)))
				if err != nil {
					errs[w] = fmt.Errorf("batch %d: %w", b, err)
					return
				}
				for _, o := range committed.Outcomes {
					if o.Kind == tracking.Stored {
						stored[w]++
					}
				}
			}
		})
	}
	running.Wait()
	sum := 0
	for w := range writers {
		require.NoError(t, errs[w])
		sum += stored[w]
	}
	// 2w+1 = 5 divides 20, so that one writer doesn't send all: the others do.
	require.Equal(t, 2*batches, sum)
	require.Len(t, g.Fixes(t, truckDevice), 2*batches)
	var want []edge
	for minute := range batches {
		switch minute % 3 {
		case 0:
			want = append(want, edge{tracking.Arrived, depot, minute})
		case 1:
			want = append(want, edge{tracking.Departed, depot, minute})
		}
	}
	require.Equal(t, want, edgesOf(g.Transitions(t, truckDevice)))
	require.ElementsMatch(t, want, fold(t, g.TakeOutbox(t)))
}
