package postgres_test

import (
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
	"waybill/tracking/postgres"
)

const (
	patience = 10 * time.Minute
	round    = time.Minute
)

func noon() time.Time { return time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC) }

// watch is a fleet of one truck with its unit, a lone unit, and a sweep whose clock the
// test holds.
type watch struct {
	ground
	registry *postgres.Registry
	history  *postgres.History
	sweep    *postgres.Sweep
	now      time.Time
	deaf     bool
	ids      map[string]int64
}

func newWatch(t *testing.T) *watch {
	t.Helper()
	w := &watch{ground: newGround(t), now: noon()}
	w.registry, w.history = postgres.NewRegistry(w.pool, "CN"), postgres.NewHistory(w.pool)
	w.sweep = postgres.NewSweep(w.pool, postgres.SweepOptions{
		SilentAfter: patience, Every: round, Hears: func() bool { return !w.deaf },
	})
	for _, device := range []string{"unit", "lone"} {
		_, err := w.registry.CreateDevice(t.Context(), tracking.Device{UID: device}, "")
		require.NoError(t, err)
	}
	_, err := w.registry.CreateVehicle(t.Context(), tracking.Vehicle{UID: "truck", DisplayName: "Truck 7"}, "")
	require.NoError(t, err)
	require.NoError(t, w.registry.FitDevice(t.Context(), tracking.Fitting{
		Device: "unit", Vehicle: "truck", Primary: true, From: noon().AddDate(0, -1, 0),
	}))
	w.ids, err = w.DeviceIDs(t.Context(), []string{"unit", "lone"})
	require.NoError(t, err)
	return w
}

func (w *watch) round(t *testing.T) {
	t.Helper()
	require.NoError(t, w.sweep.Round(t.Context(), w.now))
}

// pass lets the time go by, round by round.
func (w *watch) pass(t *testing.T, d time.Duration) {
	t.Helper()
	for end := w.now.Add(d); w.now.Before(end); {
		w.now = w.now.Add(round)
		w.round(t)
	}
}

// report stores fixes of the device, received now.
func (w *watch) report(t *testing.T, device string, fixes ...tracking.Fix) []tracking.OutcomeKind {
	t.Helper()
	records := make([]tracking.Record, 0, len(fixes))
	for _, fix := range fixes {
		record, rejected := tracking.Validate(tracking.Report{Device: device, Received: w.now, Source: "test", Fix: fix}, 0)
		require.Nil(t, rejected)
		record.DeviceID = w.ids[device]
		records = append(records, record)
	}
	committed, err := w.Commit(t.Context(), records)
	require.NoError(t, err)
	kinds := make([]tracking.OutcomeKind, 0, len(fixes))
	for _, outcome := range committed.Outcomes {
		kinds = append(kinds, outcome.Kind)
	}
	return kinds
}

func (w *watch) seen(t *testing.T, device string) {
	t.Helper()
	w.report(t, device, tracking.NewFix(w.now, home()))
}

func home() orb.Point { return orb.Point{121, 31} }

func (w *watch) alerts(t *testing.T, filter tracking.AlertFilter) []tracking.Alert {
	t.Helper()
	alerts, err := w.history.Alerts(t.Context(), filter, tracking.AlertPage{Size: 100})
	require.NoError(t, err)
	return alerts
}

func (w *watch) open(t *testing.T) []tracking.Alert {
	t.Helper()
	return w.alerts(t, tracking.AlertFilter{State: tracking.OpenAlert})
}

func TestASilentDeviceIsTold(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	w.round(t)
	w.seen(t, "unit")
	w.seen(t, "lone")
	last := w.now
	w.pass(t, patience)
	require.Empty(t, w.open(t))
	w.seen(t, "lone")
	w.pass(t, round)
	w.pass(t, round)

	alerts := w.open(t)
	require.Len(t, alerts, 1, "once, however often it is looked at")
	alert := alerts[0]
	require.Equal(t, tracking.Silent, alert.Condition)
	require.Equal(t, []string{"unit", "truck", "Truck 7"}, []string{alert.Device, alert.Vehicle, alert.DisplayName})
	require.Equal(t, last.Add(patience), alert.Opened)
	require.InDelta(t, patience.Seconds(), alert.Value, 1e-6)

	// What the store remembers of the device is not what the sweep made of it.
	w.now = w.now.Add(time.Second)
	w.seen(t, "unit")
	require.Empty(t, w.open(t))
	closed := w.alerts(t, tracking.AlertFilter{Vehicle: "truck"})
	require.Len(t, closed, 1)
	require.Equal(t, w.now, closed[0].Closed)

	w.pass(t, patience+round)
	require.Len(t, w.open(t), 2, "it is told again")
}

func TestABacklogIsNoSilence(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	w.round(t)
	w.seen(t, "unit")
	w.pass(t, patience+round)
	require.Len(t, w.open(t), 1)
	at := noon()
	for range 5 {
		at = at.Add(time.Second)
		w.report(t, "unit", tracking.NewFix(at, home()))
		w.pass(t, round)
		require.Empty(t, w.open(t), "it speaks of the past, but it speaks")
	}
}

func TestNobodyIsSilentForWhatWeCouldNotHear(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]func(t *testing.T, w *watch){
		"no process was there": func(t *testing.T, w *watch) { t.Helper(); w.now = w.now.Add(3 * time.Hour); w.round(t) },
		"no gateway was there": func(t *testing.T, w *watch) {
			t.Helper()
			w.deaf = true
			w.pass(t, 2*patience)
			w.deaf = false
			w.round(t)
		},
		"nobody knows": func(t *testing.T, w *watch) {
			t.Helper()
			w.exec(t, "delete from tracking.hearing")
			w.now = w.now.Add(patience)
			w.round(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWatch(t)
			w.round(t)
			w.seen(t, "unit")
			w.pass(t, patience/2)
			outage(t, w)
			back := w.now
			require.Empty(t, w.open(t))
			w.pass(t, patience)
			require.Empty(t, w.open(t))
			w.pass(t, round)
			require.Len(t, w.open(t), 1)
			require.Equal(t, back.Add(patience), w.open(t)[0].Opened)
		})
	}
}

func TestWhoMayBeSilent(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	w.round(t)
	w.seen(t, "unit")
	w.seen(t, "lone")
	set := func(d tracking.Device, mask tracking.DeviceMask) {
		d.UID = "unit"
		_, err := w.registry.UpdateDevice(t.Context(), d, mask)
		require.NoError(t, err)
	}
	limit := func(after time.Duration) {
		set(tracking.Device{Limits: tracking.Limits{SilentAfter: after}}, tracking.DeviceMask{Limits: true})
	}
	silent := func() (devices []string) {
		for _, alert := range w.open(t) {
			devices = append(devices, alert.Device)
		}
		return devices
	}
	set(tracking.Device{Disabled: true}, tracking.DeviceMask{Disabled: true})
	w.pass(t, patience+round)
	require.Equal(t, []string{"lone"}, silent(), "a disabled device never is")
	set(tracking.Device{}, tracking.DeviceMask{Disabled: true})
	limit(tracking.NeverSilent)
	w.pass(t, round)
	require.Equal(t, []string{"lone"}, silent())
	limit(0)
	w.pass(t, round)
	require.ElementsMatch(t, []string{"lone", "unit"}, silent())
	limit(3 * time.Hour)
	w.pass(t, round)
	require.Equal(t, []string{"lone"}, silent(), "it got more time")
	limit(time.Minute)
	w.pass(t, round)
	require.ElementsMatch(t, []string{"lone", "unit"}, silent())

	w.now = w.now.AddDate(0, 0, 8)
	w.round(t)
	require.Equal(t, []string{"unit"}, silent(), "nobody asks for what is on no vehicle")
}

func TestOneSweepsAtATime(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	w.round(t)
	w.seen(t, "unit")
	w.pass(t, patience)
	w.now = w.now.Add(round)
	other, err := w.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = other.Exec(t.Context(), "select pg_advisory_xact_lock($1)", postgres.SweepLock)
	require.NoError(t, err)
	w.round(t)
	require.Empty(t, w.open(t))
	require.NoError(t, other.Rollback(t.Context()))
	w.round(t)
	require.Len(t, w.open(t), 1)
}
