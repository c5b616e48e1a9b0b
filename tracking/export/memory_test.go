package export_test

import (
	"context"
	"iter"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
	"waybill/tracking/export"
)

// endless is a history that makes fixes as they are asked for, and knows which of those
// that it made are still in memory. It keeps none.
type endless struct {
	fixes  int
	sample []weak.Pointer[[4]int64] // a part of every hundredth
}

func (e *endless) FixPage(_ context.Context, query tracking.FixQuery) ([]tracking.Report, error) {
	next := 0
	if !query.After.IsZero() {
		next = int(query.After.Unix()) + 1
	}
	page := make([]tracking.Report, 0, query.Size)
	for ; len(page) < query.Size && next < e.fixes; next++ {
		fix := tracking.NewFix(time.Unix(int64(next), 0), orb.Point{float64(next%360) - 180, 0})
		fix.Speed = float64(next % 40)
		if next%100 == 0 {
			value := &[4]int64{int64(next)}
			fix.Attributes = map[string]any{"of": value}
			e.sample = append(e.sample, weak.Make(value))
		}
		page = append(page, tracking.Report{Device: query.Device, Fix: fix})
	}
	return page, nil
}

func (e *endless) PrimaryFittings(context.Context, string, time.Time, time.Time) ([]tracking.Fitting, error) {
	return []tracking.Fitting{{Device: "a"}}, nil
}

// alive is how many fixes of those made so far are in memory.
func (e *endless) alive() int {
	runtime.GC()
	n := 0
	for _, made := range e.sample {
		if made.Value() != nil {
			n++
		}
	}
	return 100 * n
}

// fixesOf is what a writer takes of a track.
func fixesOf(track iter.Seq2[tracking.Report, error], before func(n int)) iter.Seq2[tracking.Fix, error] {
	return func(yield func(tracking.Fix, error) bool) {
		n := 0
		for report, err := range track {
			before(n)
			if !yield(report.Fix, err) {
				return
			}
			n++
		}
	}
}

func TestAMillionFixesGoThroughFlatMemory(t *testing.T) {
	t.Parallel()
	const million = 1_000_000
	// A page is held by its reader, the next by its maker; KML holds some hundred more,
	// and who simplifies a thousand.
	const most = 12_000
	for _, format := range export.Formats() {
		t.Run(format.Name, func(t *testing.T) {
			t.Parallel()
			history := &endless{fixes: million}
			var written countingWriter
			fixes := fixesOf(tracking.Track(t.Context(), history, tracking.TrackQuery{Vehicle: "x"}), func(n int) {
				if n%250_000 == 200_000 {
					require.LessOrEqual(t, history.alive(), most)
					require.Greater(t, int(written), 20*n, "what was yielded is not written")
				}
			})
			require.NoError(t, format.Write(&written, "long", fixes))
			require.Len(t, history.sample, million/100)
		})
	}
}

func TestAMillionFixesAreSimplifiedInFlatMemory(t *testing.T) {
	t.Parallel()
	const million, most = 1_000_000, 12_000
	history := &endless{fixes: million}
	track := tracking.Track(t.Context(), history, tracking.TrackQuery{Device: "a"})
	n := 0
	for _, err := range tracking.Simplified(track, 100) {
		require.NoError(t, err)
		if n++; n%1000 == 0 {
			require.LessOrEqual(t, history.alive(), most)
		}
	}
	require.Greater(t, n, 1000)

	drawing, err := tracking.Draw(track, 0, 1000)
	require.NoError(t, err)
	require.Len(t, drawing.Reports, 1000)
	require.EqualValues(t, million, drawing.Count)
	require.LessOrEqual(t, history.alive(), most)
	runtime.KeepAlive(drawing)
}

// countingWriter is how many bytes were written.
type countingWriter int

func (w *countingWriter) Write(p []byte) (int, error) {
	*w += countingWriter(len(p))
	return len(p), nil
}
