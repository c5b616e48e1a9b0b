package postgres_test

import (
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/geo"
	"waybill/tracking"
	"waybill/tracking/postgres"
	"waybill/tracking/trackingtest"
)

// evening is 23:00 in Shanghai.
func evening() time.Time { return time.Date(2026, time.March, 2, 15, 0, 0, 0, time.UTC) }

func place(eastMetres float64) orb.Point {
	return geo.Destination(orb.Point{121.4737, 31.2304}, 90, eastMetres)
}

// drivesOverMidnight drives 600 m a minute from 23:00 to 00:20, stands in the yard with
// the engine running for 10 of 20 minutes, and drives on for 10 minutes.
func drivesOverMidnight(t *testing.T) (ground, *postgres.History) {
	t.Helper()
	g := newGround(t)
	g.AddDevice(t, "unit")
	g.AddVehicle(t, "truck")
	g.Fit(t, tracking.Fitting{Device: "unit", Vehicle: "truck", Primary: true, From: evening().AddDate(-1, 0, 0)})
	g.AddZone(t, tracking.Zone{UID: "yard", Center: place(80 * 600), Radius: 300})
	var reports []tracking.Report
	add := func(minute int, east float64, ignition bool) {
		at := evening().Add(time.Duration(minute) * time.Minute)
		fix := tracking.NewFix(at, place(east))
		fix.Attributes = map[string]any{"ignition": ignition}
		reports = append(reports, tracking.Report{Device: "unit", Received: at, Source: "test", Fix: fix})
	}
	for minute := range 80 {
		add(minute, float64(minute)*600, true)
	}
	for minute := range 20 {
		add(80+minute, 80*600, minute < 10)
	}
	for minute := range 11 {
		add(100+minute, float64(80+minute)*600, true)
	}
	trackingtest.Commit(t, g, reports...)
	return g, postgres.NewHistory(g.pool)
}

func TestTripsAndStops(t *testing.T) {
	t.Parallel()
	_, history := drivesOverMidnight(t)
	for _, query := range []tracking.JourneyQuery{{Vehicle: "truck", Size: 10}, {Device: "unit", Size: 10}} {
		trips, err := history.Trips(t.Context(), query)
		require.NoError(t, err)
		require.Len(t, trips, 2)
		require.Equal(t, "unit", trips[0].Device)
		require.Equal(t, "truck", trips[0].Vehicle)
		require.Equal(t, evening(), trips[0].Start)
		require.Equal(t, evening().Add(80*time.Minute), trips[0].End)
		require.InDelta(t, 48_000, trips[0].Distance.Metres(), 1)
		require.InDelta(t, 10, trips[0].MaxSpeed, 0.01)
		require.False(t, trips[0].UnderWay)
		require.True(t, trips[1].UnderWay)
		require.Equal(t, "truck", trips[1].Vehicle)
		require.Equal(t, evening().Add(110*time.Minute), trips[1].End)

		stops, err := history.Stops(t.Context(), query)
		require.NoError(t, err)
		require.Len(t, stops, 1)
		require.Equal(t, trips[0].End, stops[0].Start)
		require.Equal(t, trips[1].Start, stops[0].End)
		require.Equal(t, 10*time.Minute, stops[0].Idle)
		require.InDelta(t, 0, geo.Distance(stops[0].Position, place(48_000)), 1)
		require.NoError(t, tracking.PlaceStops(t.Context(), history, "truck", stops))
		require.Equal(t, []string{"yard"}, stops[0].Zones)

		query.Size = 1
		first, err := history.Trips(t.Context(), query)
		require.NoError(t, err)
		query.After = tracking.JourneyMark{Start: first[0].Start, Device: first[0].Device}
		second, err := history.Trips(t.Context(), query)
		require.NoError(t, err)
		require.Equal(t, trips, append(first, second...))
	}
	// What overlaps the time is listed whole.
	trips, err := history.Trips(t.Context(), tracking.JourneyQuery{Vehicle: "truck", From: evening().Add(time.Minute), To: evening().Add(2 * time.Minute), Size: 10})
	require.NoError(t, err)
	require.Len(t, trips, 1)
	trips, err = history.Trips(t.Context(), tracking.JourneyQuery{Vehicle: "truck", From: evening().Add(80 * time.Minute), To: evening().Add(90 * time.Minute), Size: 10})
	require.NoError(t, err)
	require.Empty(t, trips)
	_, err = history.Trips(t.Context(), tracking.JourneyQuery{Vehicle: "none", Size: 1})
	require.ErrorIs(t, err, tracking.ErrNotFound)
	_, err = history.Mileage(t.Context(), tracking.JourneyQuery{Device: "none"})
	require.ErrorIs(t, err, tracking.ErrNotFound)
}

func TestMileageOfWhatIsCut(t *testing.T) {
	t.Parallel()
	_, history := drivesOverMidnight(t)
	for _, cut := range []struct {
		from, to int // minutes
		metres   float64
	}{
		{0, 110, 90 * 600},
		{5, 10, 5 * 600},    // inside of one trip
		{70, 105, 15 * 600}, // the end of one, and of one under way the beginning
		{80, 100, 0},
		{-60, 1, 600},
		{109, 500, 600},
	} {
		way, err := history.Mileage(t.Context(), tracking.JourneyQuery{
			Vehicle: "truck", From: evening().Add(time.Duration(cut.from) * time.Minute), To: evening().Add(time.Duration(cut.to) * time.Minute),
		})
		require.NoError(t, err)
		require.InDelta(t, cut.metres, way.Metres(), 1, "%d to %d", cut.from, cut.to)
	}
	whole, err := history.Mileage(t.Context(), tracking.JourneyQuery{Device: "unit"})
	require.NoError(t, err)
	require.InDelta(t, 90*600, whole.Metres(), 1)
}

func TestUtilizationByDay(t *testing.T) {
	t.Parallel()
	_, history := drivesOverMidnight(t)
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	query := tracking.UtilizationQuery{Vehicle: "truck", Zone: shanghai, Size: 10}
	days, err := history.Utilizations(t.Context(), query)
	require.NoError(t, err)
	require.Len(t, days, 2)
	midnight := evening().Add(time.Hour)
	first, second := days[0], days[1]
	require.Equal(t, "2026-03-02", first.Date)
	require.Equal(t, midnight, first.End)
	require.Equal(t, time.Hour, first.Moving)
	require.Zero(t, first.Idling+first.Stopped)
	require.InDelta(t, 60*600, first.Distance.Metres(), 1)
	require.Equal(t, 1, first.Trips)
	require.Equal(t, evening(), first.FirstStart)
	require.True(t, first.LastEnd.IsZero())

	require.Equal(t, "2026-03-03", second.Date)
	require.Equal(t, midnight, second.Start)
	require.Equal(t, 1, second.Trips)
	require.Equal(t, evening().Add(80*time.Minute), second.LastEnd)
	require.Equal(t, 10*time.Minute, second.Idling)
	require.Equal(t, 50*time.Minute, second.Moving+second.Idling+second.Stopped)
	require.InDelta(t, 30*600, second.Distance.Metres(), 1)

	query.Size = 1
	page, err := history.Utilizations(t.Context(), query)
	require.NoError(t, err)
	require.Equal(t, days[:1], page)
	query.From = page[0].End
	page, err = history.Utilizations(t.Context(), query)
	require.NoError(t, err)
	require.Equal(t, days[1:], page)
}

func TestZoneTimes(t *testing.T) {
	t.Parallel()
	g, history := drivesOverMidnight(t)
	g.AddZone(t, tracking.Zone{UID: "port", Center: place(90 * 600), Radius: 5000})
	at := evening().Add(120 * time.Minute)
	trackingtest.Commit(t, g, tracking.Report{Device: "unit", Received: at, Source: "test", Fix: tracking.NewFix(at, place(90*600))})
	at = at.Add(30 * time.Minute)
	trackingtest.Commit(t, g, tracking.Report{Device: "unit", Received: at, Source: "test", Fix: tracking.NewFix(at, place(90*600))})
	times, err := tracking.ZoneTimes(t.Context(), history, history, "truck", time.Time{}, time.Time{})
	require.NoError(t, err)
	// The port goes on, up to when the truck was last seen.
	require.Equal(t, []tracking.ZoneTime{{Zone: "port", Visits: 1, Duration: 30 * time.Minute}, {Zone: "yard", Visits: 1, Duration: 21 * time.Minute}}, times)
	times, err = tracking.ZoneTimes(t.Context(), history, history, "truck", evening().Add(85*time.Minute), evening().Add(90*time.Minute))
	require.NoError(t, err)
	require.Equal(t, []tracking.ZoneTime{{Zone: "yard", Visits: 1, Duration: 5 * time.Minute}}, times)
	_, err = tracking.ZoneTimes(t.Context(), history, history, "none", time.Time{}, time.Time{})
	require.ErrorIs(t, err, tracking.ErrNotFound)
}
