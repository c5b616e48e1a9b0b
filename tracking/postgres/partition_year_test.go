package postgres_test

import (
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
	"waybill/tracking/postgres"
)

func yearStart(year int) time.Time { return time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC) }

// TestBrokenClockMakesFewTables has a device report from all over the years.
func TestBrokenClockMakesFewTables(t *testing.T) {
	t.Parallel()
	g := newDayGround(t, 1)
	var records []tracking.Record
	for at := tracking.Epoch(); at.Before(midnight(t)); at = at.Add(37*day + 5*time.Hour) {
		if !at.Before(yearStart(2020)) {
			at = midnight(t).Add(time.Hour)
		}
		records = append(records, g.record(t, "unit-0", at))
	}
	g.commit(t, records...)
	require.Equal(t, len(records), g.count(t))
	tables := partitions(t, g.pool)
	require.Len(t, tables, 40+1) // 1980 to 2019, and a day
	require.Equal(t, "tracking.position_1980", tables[0])
	require.Equal(t, "tracking.position_20260302", tables[len(tables)-1])
}

// TestYearKeptByDaysGoesOnSo has days of a year that were made before years were kept
// as a whole.
func TestYearKeptByDaysGoesOnSo(t *testing.T) {
	t.Parallel()
	g := newDayGround(t, 1)
	first := time.Date(2008, 10, 23, 2, 53, 4, 0, time.UTC)
	keepByDay(t, g.pool, "2000-01-01")
	g.fill(t, first, 1)
	keepByDay(t, g.pool, "2020-01-01")
	g.fill(t, first.AddDate(0, 0, 2), 1)
	g.fill(t, first.AddDate(1, 0, 0), 1)
	require.Equal(t, []string{"tracking.position_20081023", "tracking.position_20081025", "tracking.position_2009"}, partitions(t, g.pool))
}

func TestYearIsAskedWhoWasNearAndDropped(t *testing.T) {
	t.Parallel()
	g := newDayGround(t, 2)
	start := yearStart(2008).AddDate(0, 5, 0)
	g.fill(t, start, 50)
	g.fill(t, yearStart(2010).Add(-25*time.Minute), 50) // on both sides of the year's end
	p := postgres.NewPartitions(g.pool, postgres.PartitionOptions{Retention: 365 * day, SealAfter: time.Hour})
	require.NoError(t, p.SealFinished(t.Context(), midnight(t)))
	year := g.day(t, p, yearStart(2008))
	require.Equal(t, postgres.DayOpen, year.State)
	require.True(t, year.IsYear())
	require.Equal(t, "2008", year.String())
	require.Equal(t, yearStart(2009), year.End)
	require.ErrorIs(t, p.Seal(t.Context(), yearStart(2008)), tracking.ErrNotFound)

	ask := func(from time.Time) []tracking.Passage {
		found, err := postgres.NewHistory(g.pool).Passages(t.Context(), tracking.NearQuery{
			Center: orb.Point{116.5, 39}, Radius: 60_000, From: from, To: from.Add(day), Page: tracking.PassagePage{Size: 9},
		})
		require.NoError(t, err)
		return found
	}
	found := ask(start)
	require.Len(t, found, 2)
	require.EqualValues(t, 50, found[0].Fixes)
	found = ask(yearStart(2010).Add(-12 * time.Hour))
	require.Len(t, found, 2)
	require.Less(t, found[0].First, yearStart(2010))

	// It goes when its last moment is older than the retention.
	require.NoError(t, p.Retain(t.Context(), yearStart(2010)))
	require.Len(t, partitions(t, g.pool), 3)
	require.NoError(t, p.Retain(t.Context(), yearStart(2010).Add(time.Hour)))
	require.Equal(t, []string{"tracking.position_2009", "tracking.position_2010"}, partitions(t, g.pool))
}
