package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
	"waybill/tracking/postgres"
)

// dayGround is a ground with some devices, and days in the past to fill.
type dayGround struct {
	ground
	devices []string
	ids     map[string]int64
}

const monday = "2026-03-02"

func midnight(t testing.TB) time.Time {
	t.Helper()
	start, err := time.Parse(time.DateOnly, monday)
	require.NoError(t, err)
	return start
}

func newDayGround(t testing.TB, devices int) dayGround {
	t.Helper()
	g := dayGround{ground: newGround(t)}
	keepByDay(t, g.pool, "2020-01-01")
	for i := range devices {
		g.devices = append(g.devices, fmt.Sprintf("unit-%d", i))
		g.AddDevice(t, g.devices[i])
	}
	var err error
	g.ids, err = g.DeviceIDs(t.Context(), g.devices)
	require.NoError(t, err)
	return g
}

// keepByDay has days from the date on kept each by itself, whenever the test runs.
func keepByDay(t testing.TB, pool *pgxpool.Pool, from string) {
	t.Helper()
	_, err := pool.Exec(t.Context(), "update tracking.position_calendar set daily_from = $1::text::date", from)
	require.NoError(t, err)
}

// record is a fix of the device; the place follows from the time.
func (g dayGround) record(t testing.TB, device string, at time.Time) tracking.Record {
	t.Helper()
	second := float64(at.Unix() % 86_400)
	record, rejected := tracking.Validate(tracking.Report{
		Device: device, Source: "test", Received: at.Add(time.Second),
		Fix: tracking.NewFix(at, [2]float64{116 + second/86_400, 39}),
	}, 0)
	require.Nil(t, rejected)
	record.DeviceID = g.ids[device]
	return record
}

func (g dayGround) commit(t testing.TB, records ...tracking.Record) {
	t.Helper()
	committed, err := g.Commit(t.Context(), records)
	require.NoError(t, err)
	for _, outcome := range committed.Outcomes {
		require.Equal(t, tracking.Stored, outcome.Kind)
	}
}

// fill stores fixes of all devices from the time on, out of order of their keys.
func (g dayGround) fill(t testing.TB, from time.Time, fixes int) {
	t.Helper()
	for i := range fixes {
		records := make([]tracking.Record, 0, len(g.devices))
		for _, device := range g.devices {
			records = append(records, g.record(t, device, from.Add(time.Duration(i)*time.Minute)))
		}
		g.commit(t, records...)
	}
}

func (g dayGround) day(t testing.TB, p *postgres.Partitions, start time.Time) postgres.Day {
	t.Helper()
	days, err := p.Days(t.Context())
	require.NoError(t, err)
	for _, d := range days {
		if d.Start.Equal(start) {
			return d
		}
	}
	require.Failf(t, "no such day", "%s is not among %v", start, days)
	return postgres.Day{}
}

func (g dayGround) count(t testing.TB) (rows int) {
	t.Helper()
	require.NoError(t, g.pool.QueryRow(t.Context(), "select count(*) from tracking.position").Scan(&rows))
	return rows
}

// requireSorted says that the day's rows lie on the disk by their keys.
func (g dayGround) requireSorted(t testing.TB) {
	t.Helper()
	var sorted bool
	require.NoError(t, g.pool.QueryRow(t.Context(), `select bool_and(key >= before) from (
		select (device_id, fix_time) as key, lag((device_id, fix_time)) over (order by ctid) as before
		from tracking.position_20260302) p where before is not null`).Scan(&sorted))
	require.True(t, sorted)
}

func (g dayGround) requireEventually(t testing.TB, query string) {
	t.Helper()
	require.Eventually(t, func() bool {
		var yes bool
		return g.pool.QueryRow(t.Context(), query).Scan(&yes) == nil && yes
	}, time.Minute, 5*time.Millisecond, query)
}
