package tracking_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/tracking"
)

// Every time is on one day, of the date that a clock there shows, and the days follow
// each other without a gap, also where clocks change at midnight.
func TestDaysFollowEachOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom([]string{
			"UTC", "Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Asia/Beirut",
			"Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo", "America/Santiago", "Atlantic/Azores", "Asia/Kathmandu",
		}).Draw(rt, "zone")
		zone, err := time.LoadLocation(name)
		require.NoError(rt, err)
		at := time.Unix(rapid.Int64Range(0, 60*366*24*3600).Draw(rt, "at"), 0).UTC()
		day := tracking.NewUtilization(at, zone)
		require.False(rt, at.Before(day.Start), "%v is before %v", at, day.Start)
		require.True(rt, at.Before(day.End), "%v is not before %v", at, day.End)
		require.Equal(rt, at.In(zone).Format(time.DateOnly), day.Date)
		require.Equal(rt, day.Date, day.Start.In(zone).Format(time.DateOnly))
		require.NotEqual(rt, day.Date, day.End.In(zone).Format(time.DateOnly))
		next := tracking.NewUtilization(day.End, zone)
		require.Equal(rt, day.End, next.Start)
	})
}

func TestDaysWhereClocksChangeAtMidnight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, date, start string
		hours             time.Duration
	}{
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00", 23}, // no midnight
		{"America/Havana", "2018-11-04", "2018-11-04T00:00:00-04:00", 25},    // two
		{"Asia/Beirut", "2022-03-27", "2022-03-27T01:00:00+03:00", 23},
	} {
		zone, err := time.LoadLocation(c.zone)
		require.NoError(t, err)
		noon, err := time.ParseInLocation(time.DateOnly+" 15:04", c.date+" 12:00", zone)
		require.NoError(t, err)
		start, err := time.Parse(time.RFC3339, c.start)
		require.NoError(t, err)
		day := tracking.NewUtilization(noon, zone)
		require.Equal(t, start.UTC(), day.Start, c.zone)
		require.Equal(t, c.hours*time.Hour, day.End.Sub(day.Start), c.zone)
	}
}
