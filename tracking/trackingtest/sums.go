package trackingtest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/tracking"
)

// span is a trip or a stop.
type span struct {
	start, end time.Time
	stop       bool
	underWay   bool
}

// addsUp sends random tracks in disorder and looks at sums: trips and stops take turns
// without overlap, mileages of parts add up to that of the whole wherever it is cut, and
// each day's parts to the time and the way of its trips and stops.
func addsUp(t *testing.T, g Ground) {
	t.Helper()
	furnishRandom(t, g)
	zone, err := time.LoadLocation("Asia/Shanghai") // midnight is on the way
	require.NoError(t, err)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		var ordered []sent
		for _, r := range trackOf(drawLegs(rt, "legs")) {
			ordered = append(ordered, sent{0, r})
		}
		n++
		f := newFleet(t, g, n, 1)
		f.commit(t, drawBatches(rt, drawDisorder(rt, ordered)))
		spans := f.spans(t)
		requireTurns(rt, spans)

		first, last := ordered[0].report.Fix.Time, ordered[len(ordered)-1].report.Fix.Time
		minutes := int(last.Sub(first)/time.Minute) + 2
		from := first.Add(time.Duration(rapid.IntRange(-2, minutes).Draw(rt, "from")) * time.Minute)
		to := from.Add(time.Duration(rapid.IntRange(0, minutes).Draw(rt, "to")) * time.Minute)
		var total tracking.Length
		for _, cut := range cuts(rt, from, to) {
			part := f.mileage(t, cut[0], cut[1])
			require.GreaterOrEqual(rt, part, tracking.Length(0))
			total += part
		}
		require.Equal(rt, f.mileage(t, from, to), total)
		f.requireDaysAddUp(t, rt, spans, from, to, zone)
	})
}

// cuts the time at a few places.
func cuts(rt *rapid.T, from, to time.Time) (parts [][2]time.Time) {
	at := from
	for range rapid.IntRange(0, 3).Draw(rt, "cuts") {
		next := at.Add(time.Duration(rapid.Int64Range(0, int64(to.Sub(at))).Draw(rt, "cut")))
		parts, at = append(parts, [2]time.Time{at, next}), next
	}
	return append(parts, [2]time.Time{at, to})
}

func (f fleet) mileage(t testing.TB, from, to time.Time) tracking.Length {
	t.Helper()
	way, err := f.ground.Story().Mileage(t.Context(), tracking.JourneyQuery{Vehicle: f.names[0], From: from, To: to})
	require.NoError(t, err)
	return way
}

func (f fleet) spans(t testing.TB) (spans []span) {
	t.Helper()
	for _, x := range f.trips(t, 0) {
		spans = append(spans, span{x.Start, x.End, false, x.UnderWay})
	}
	for _, x := range f.stops(t, 0) {
		require.LessOrEqual(t, x.Idle, x.End.Sub(x.Start), "%+v", x)
		spans = append(spans, span{x.Start, x.End, true, x.UnderWay})
	}
	slices.SortFunc(spans, func(a, b span) int { return a.start.Compare(b.start) })
	return spans
}

// requireTurns finds trips and stops in turns. Where the track breaks off, because it
// goes on where the vehicle can't have come, two of a kind may follow each other.
func requireTurns(t require.TestingT, spans []span) {
	for i, s := range spans {
		require.True(t, s.start.Before(s.end))
		require.False(t, s.underWay && i < len(spans)-1, "the last alone may be under way")
		if i == 0 {
			continue
		}
		before := spans[i-1]
		require.False(t, s.start.Before(before.end), "%v overlaps %v", s, before)
		if s.start.Equal(before.end) {
			require.NotEqual(t, before.stop, s.stop, "%v after %v", s, before)
		}
	}
}

func (f fleet) requireDaysAddUp(t testing.TB, rt *rapid.T, spans []span, from, to time.Time, zone *time.Location) {
	t.Helper()
	days, err := f.ground.Story().Utilizations(t.Context(), tracking.UtilizationQuery{
		Vehicle: f.names[0], From: from, To: to, Zone: zone, Size: 100,
	})
	require.NoError(t, err)
	var moving, standing time.Duration
	var begun int
	for _, s := range spans {
		within := max(0, earlier(s.end, to).Sub(later(s.start, from)))
		if s.stop {
			standing += within
			continue
		}
		moving += within
		if within > 0 && !s.start.Before(from) {
			begun++
		}
	}
	var distance tracking.Length
	for i, day := range days {
		require.GreaterOrEqual(rt, day.Idling, time.Duration(0))
		require.GreaterOrEqual(rt, day.Stopped, time.Duration(0))
		require.LessOrEqual(rt, day.Moving+day.Idling+day.Stopped, day.End.Sub(day.Start))
		require.Equal(rt, f.mileage(t, later(day.Start, from), earlier(day.End, to)), day.Distance)
		require.False(rt, i > 0 && day.Start.Before(days[i-1].End))
		moving, standing = moving-day.Moving, standing-day.Idling-day.Stopped
		distance, begun = distance+day.Distance, begun-day.Trips
	}
	require.Equal(rt, f.mileage(t, from, to), distance)
	require.Zero(rt, moving)
	require.Zero(rt, standing)
	require.Zero(rt, begun)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
