package postgres_test

import (
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
)

func TestPositionsAtATime(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	require.NoError(t, s.registry.FitDevice(t.Context(), fit("a", "x", 2)))
	require.NoError(t, s.registry.FitDevice(t.Context(), fit("a", "y", 6)))
	for hour := range 9 {
		s.seen(t, "a", at(hour), orb.Point{float64(hour), 1})
	}
	s.seen(t, "b", at(4), orb.Point{50, 50})

	seen := func(when time.Time, filter tracking.Filter) (told []string) {
		positions, err := s.history.PositionsAt(t.Context(), when, filter, tracking.Page{Size: 10})
		require.NoError(t, err)
		for _, p := range positions {
			told = append(told, p.Device+p.Vehicle+p.Fix.Time.Format("15"))
		}
		return told
	}
	require.Empty(t, seen(at(0).Add(-time.Second), tracking.Filter{}))
	require.Equal(t, []string{"a01"}, seen(at(1), tracking.Filter{}))
	require.Equal(t, []string{"ax03"}, seen(at(4).Add(-time.Microsecond), tracking.Filter{}))
	require.Equal(t, []string{"ax04", "b04"}, seen(at(4), tracking.Filter{}))
	require.Equal(t, []string{"ay07", "b04"}, seen(at(7).Add(time.Minute), tracking.Filter{}))
	require.Equal(t, []string{"ay08", "b04"}, seen(at(20), tracking.Filter{}))
	require.Equal(t, []string{"b04"}, seen(at(20), tracking.Filter{Box: &orb.Bound{Min: orb.Point{49, 49}, Max: orb.Point{51, 51}}}))
	require.Equal(t, []string{"ax05"}, seen(at(5), tracking.Filter{Vehicles: []string{"x", "y"}}))
	require.Equal(t, []string{"b04"}, seen(at(5), tracking.Filter{Devices: []string{"b"}}))

	for device, want := range map[string]string{"a": "x", "b": ""} {
		position, err := s.history.DevicePositionAt(t.Context(), device, at(5))
		require.NoError(t, err)
		require.Equal(t, want, position.Vehicle)
	}
	_, err := s.history.DevicePositionAt(t.Context(), "b", at(3))
	require.ErrorIs(t, err, tracking.ErrNotFound)
	_, err = s.history.DevicePositionAt(t.Context(), "none", at(3))
	require.ErrorIs(t, err, tracking.ErrNotFound)

	first, err := s.history.PositionsAt(t.Context(), at(5), tracking.Filter{}, tracking.Page{Size: 1})
	require.NoError(t, err)
	require.Len(t, first, 1)
	rest, err := s.history.PositionsAt(t.Context(), at(5), tracking.Filter{}, tracking.Page{Size: 10, After: first[0].Device})
	require.NoError(t, err)
	require.Len(t, rest, 1)
	require.Equal(t, "b", rest[0].Device)
}
