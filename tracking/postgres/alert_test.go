package postgres_test

import (
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
)

// fast are fixes of a truck that speeds up and slows down, a minute apart.
func fast(from time.Time) []tracking.Fix {
	fixes := make([]tracking.Fix, 6)
	for i := range fixes {
		fixes[i] = tracking.NewFix(from.Add(time.Duration(i)*time.Minute), orb.Point{121 + 0.015*float64(i), 31})
		fixes[i].Speed = 20
		if i == 2 || i == 3 {
			fixes[i].Speed = 30
		}
	}
	return fixes
}

func (w *watch) limitSpeed(t *testing.T) {
	t.Helper()
	_, err := w.registry.UpdateDevice(t.Context(),
		tracking.Device{UID: "unit", Limits: tracking.Limits{Speed: 25}}, tracking.DeviceMask{Limits: true})
	require.NoError(t, err)
}

func (w *watch) held(t *testing.T) []tracking.Held {
	t.Helper()
	held, err := w.history.Conditions(t.Context(), tracking.HeldQuery{Vehicle: "truck", Size: 1000})
	require.NoError(t, err)
	return held
}

func TestAlertsComeAndGo(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	w.limitSpeed(t)
	for _, fix := range fast(noon())[:3] {
		w.now = fix.Time
		w.report(t, "unit", fix)
	}
	alerts := w.open(t)
	require.Len(t, alerts, 1)
	require.Equal(t, tracking.Speeding, alerts[0].Condition)
	require.InDelta(t, 30, alerts[0].Value, 0)
	require.Zero(t, alerts[0].Acknowledged)

	acknowledged, err := w.history.AcknowledgeAlert(t.Context(), alerts[0].ID, "Wang Li")
	require.NoError(t, err)
	require.Equal(t, "Wang Li", acknowledged.AcknowledgedBy)
	again, err := w.history.AcknowledgeAlert(t.Context(), alerts[0].ID, "Zhao")
	require.NoError(t, err)
	require.Equal(t, acknowledged, again, "the first to say so stays")
	_, err = w.history.AcknowledgeAlert(t.Context(), alerts[0].ID+1, "Zhao")
	require.ErrorIs(t, err, tracking.ErrNotFound)

	for _, fix := range fast(noon())[3:] {
		w.now = fix.Time
		w.report(t, "unit", fix)
	}
	require.Empty(t, w.open(t))
	require.Empty(t, w.alerts(t, tracking.AlertFilter{State: tracking.PendingAlert}))
	require.Len(t, w.alerts(t, tracking.AlertFilter{Vehicle: "truck", Device: "unit", Condition: tracking.Speeding}), 1)
	require.Empty(t, w.alerts(t, tracking.AlertFilter{Vehicle: "none"}))
	held := w.held(t)
	require.Len(t, held, 1)
	require.Equal(t, noon().Add(2*time.Minute), held[0].Began)
	require.Equal(t, noon().Add(4*time.Minute), held[0].Ended)
}

func TestAlertsPage(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	w.exec(t, `insert into tracking.alert (device_id, condition, zone_id, open_time, close_time)
		select $1, 'shock', i, $2::timestamptz + i % 4 * interval '1 minute', case when i % 3 = 0 then null else $2::timestamptz + interval '1 hour' end
		from generate_series(1, 20) i`, w.ids["unit"], noon())
	whole := w.alerts(t, tracking.AlertFilter{})
	require.Len(t, whole, 20)
	var paged []tracking.Alert
	page := tracking.AlertPage{Size: 3}
	for {
		some, err := w.history.Alerts(t.Context(), tracking.AlertFilter{State: tracking.PendingAlert, Device: "unit"}, page)
		require.NoError(t, err)
		if len(some) == 0 {
			break
		}
		paged = append(paged, some...)
		last := some[len(some)-1]
		page.Open, page.Opened, page.ID = last.Closed.IsZero(), last.Opened, last.ID
	}
	require.Equal(t, whole, paged)
	for i := range whole[1:] {
		before, after := whole[i], whole[i+1]
		require.False(t, !before.Closed.IsZero() && after.Closed.IsZero(), "those that hold come first")
		if before.Closed.IsZero() == after.Closed.IsZero() {
			require.False(t, before.Opened.Before(after.Opened), "the newest come first")
		}
	}
}

// A week of fixes that a unit has buffered is history, and nothing of today: conditions
// are known, nobody is told, and the vehicle is where it was last.
func TestABacklogOfAWeekAlertsNobody(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	w.limitSpeed(t)
	w.now = noon().AddDate(0, 0, 7)
	for day := range 7 {
		var fixes []tracking.Fix
		for hour := range 8 {
			drive := fast(noon().AddDate(0, 0, day).Add(time.Duration(hour) * time.Hour))
			for i := range drive {
				drive[i].Attributes = map[string]any{"battery_percent": 5.0, "shock": i == 1}
			}
			fixes = append(fixes, drive...)
		}
		w.report(t, "unit", fixes...)
	}
	require.Empty(t, w.alerts(t, tracking.AlertFilter{}))
	w.round(t)
	w.pass(t, patience)
	require.Empty(t, w.alerts(t, tracking.AlertFilter{}))

	conditions := make(map[tracking.Condition]int)
	for _, held := range w.held(t) {
		conditions[held.Condition]++
	}
	require.Equal(t, 7*8, conditions[tracking.Speeding])
	require.Equal(t, 1, conditions[tracking.LowBattery])
	position, err := w.history.Position(t.Context(), "truck")
	require.NoError(t, err)
	require.Equal(t, noon().AddDate(0, 0, 6).Add(7*time.Hour+5*time.Minute), position.Fix.Time)
}

func TestPositionsSayWhatAVehicleDoes(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	drive := fast(noon())
	for _, fix := range drive {
		w.now = fix.Time
		w.report(t, "unit", fix)
	}
	position, err := w.history.Position(t.Context(), "truck")
	require.NoError(t, err)
	require.Equal(t, tracking.Moving, position.Motion.Phase)
	require.Equal(t, noon(), position.Motion.Since)
	require.InEpsilon(t, 5*1430, position.Motion.Odometer, 0.01)

	end := drive[len(drive)-1]
	for minute := range 10 {
		fix := tracking.NewFix(end.Time.Add(time.Duration(minute+1)*time.Minute), end.Position)
		fix.Attributes = map[string]any{"ignition": true}
		w.now = fix.Time
		w.report(t, "unit", fix)
	}
	positions, err := w.history.Positions(t.Context(), tracking.Filter{Devices: []string{"unit"}}, tracking.Page{Size: 1})
	require.NoError(t, err)
	require.Equal(t, tracking.Idling, positions[0].Motion.Phase)
	require.Equal(t, end.Time, positions[0].Motion.Since)
	require.InEpsilon(t, 5*1430, positions[0].Motion.Odometer, 0.01)
}
