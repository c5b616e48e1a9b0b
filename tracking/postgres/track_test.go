package postgres_test

import (
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
)

// drive stores so many fixes of a device, a second apart from the hour on, going east.
func (s story) drive(t *testing.T, device string, hour, count int) {
	t.Helper()
	s.exec(t, `
insert into tracking.position (device_id, fix_time, received_time, geom, source)
select d.id, $2::timestamptz + i * interval '1 second', $2, ST_Point(i / 1e5, 0, 4326), 'test'
from tracking.device d, generate_series(0, $3::int - 1) i where uid = $1`, device, at(hour), count)
}

func TestTrackReadsPageAfterPage(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	const count = 12_345
	s.drive(t, "a", 0, count)
	next := at(0)
	for report, err := range tracking.Track(t.Context(), s.history, tracking.TrackQuery{Device: "a"}) {
		require.NoError(t, err)
		require.Equal(t, next, report.Fix.Time)
		next = next.Add(time.Second)
	}
	require.Equal(t, at(0).Add(count*time.Second), next)
	for _, query := range []tracking.TrackQuery{{Device: "none"}, {Vehicle: "none"}} {
		for _, err := range tracking.Track(t.Context(), s.history, query) {
			require.ErrorIs(t, err, tracking.ErrNotFound)
		}
	}
}

func TestTrackOfAVehicleGoesOnWithItsNextDevice(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for hour := range 10 {
		s.seen(t, "a", at(hour), orb.Point{float64(hour), 1})
		s.seen(t, "b", at(hour).Add(time.Minute), orb.Point{float64(hour), 2})
	}
	// a is on x from 1 to 4, then b until 7, and a again; as a second device b says nothing.
	require.NoError(t, s.registry.FitDevice(t.Context(), fit("a", "x", 1)))
	second := func(f tracking.Fitting) tracking.Fitting {
		f.Primary = false
		return f
	}
	require.NoError(t, s.registry.FitDevice(t.Context(), second(fit("b", "x", 2))))
	require.NoError(t, s.registry.FitDevice(t.Context(), fit("a", "y", 4)))
	require.NoError(t, s.registry.FitDevice(t.Context(), fit("b", "x", 4)))
	require.NoError(t, s.registry.FitDevice(t.Context(), second(fit("b", "y", 7))))
	require.NoError(t, s.registry.FitDevice(t.Context(), fit("a", "x", 7)))

	seen := func(from, to time.Time) (names []string) {
		for report, err := range tracking.Track(t.Context(), s.history, tracking.TrackQuery{Vehicle: "x", From: from, To: to}) {
			require.NoError(t, err)
			names = append(names, report.Device+report.Fix.Time.Format("15"))
		}
		return names
	}
	require.Equal(t, []string{"a01", "a02", "a03", "b04", "b05", "b06", "a07", "a08", "a09"}, seen(time.Time{}, time.Time{}))
	require.Equal(t, []string{"a03", "b04", "b05"}, seen(at(3), at(6)))
	require.Equal(t, []string{"b05"}, seen(at(5), at(6)))
	require.Empty(t, seen(at(0), at(1)))
}
