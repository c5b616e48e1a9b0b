package postgres_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"waybill/gateway/modem"
	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/watch"
	"waybill/gateway/postgres"
	"waybill/internal/pgtest"
	"waybill/tracking"
)

// storeAway is a store that fails while it is away.
type storeAway struct {
	*postgres.ModemAlerts
	away atomic.Bool
}

func (s *storeAway) OpenAlerts(ctx context.Context, gateway string) ([]watch.Alert, error) {
	if s.away.Load() {
		return nil, tracking.ErrUnavailable
	}
	return s.ModemAlerts.OpenAlerts(ctx, gateway)
}

func (s *storeAway) RecordAlerts(ctx context.Context, changes []watch.Alert) error {
	if s.away.Load() {
		return tracking.ErrUnavailable
	}
	return s.ModemAlerts.RecordAlerts(ctx, changes)
}

// refuses is a handler that can't commit.
type refuses struct{}

func (refuses) HandleText(context.Context, modem.Text) error { return tracking.ErrUnavailable }

// watched is a gateway whose modems are watched.
type watched struct {
	*watch.Watch
	store *storeAway
	stop  func()
}

func watchModems(t *testing.T, store *storeAway, paths ...string) *watched {
	t.Helper()
	pool, err := modem.NewPool(modem.PoolConfig{Paths: paths, Scan: 10 * time.Millisecond, Modem: modem.Config{
		Handler: refuses{}, PollInterval: 20 * time.Millisecond, RetryMin: 10 * time.Millisecond, RetryMax: 50 * time.Millisecond,
	}})
	require.NoError(t, err)
	w := &watched{store: store, Watch: watch.New(watch.Config{
		Gateway: "here", Pool: pool, Store: store, Every: 10 * time.Millisecond, Logger: slog.New(slog.DiscardHandler),
		Limits: watch.Limits{UnpluggedFor: time.Millisecond},
	}, prometheus.NewRegistry())}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	go func() { done <- pool.Run(ctx) }()
	go func() { done <- w.Run(ctx) }()
	w.stop = func() {
		cancel()
		require.NoError(t, <-done)
		require.NoError(t, <-done)
		w.stop = func() {}
	}
	t.Cleanup(func() { w.stop() })
	return w
}

// alerts waits until there are alerts as wanted: condition, and whether it holds.
func (w *watched) alerts(t *testing.T, filter watch.Filter, want ...string) []watch.Alert {
	t.Helper()
	var all []watch.Alert
	require.Eventually(t, func() bool {
		var err error
		all, err = w.store.Alerts(t.Context(), filter, watch.Page{Size: 100})
		require.NoError(t, err)
		if len(all) != len(want) {
			return false
		}
		for i, a := range all {
			if want[i] != fmt.Sprintf("%s %s %t", a.Modem, a.Condition, a.Closed.IsZero()) {
				return false
			}
		}
		return true
	}, time.Minute, 5*time.Millisecond, "%v", want)
	return all
}

// While texts can't be committed a SIM fills up: that is told while there is room left, also with the database away.
func TestAlertsOfModems(t *testing.T) {
	t.Parallel()
	store := &storeAway{ModemAlerts: postgres.NewModemAlerts(pgtest.New(t))}
	store.away.Store(true)
	folder := t.TempDir()
	sim := emulator.New(emulator.Config{Link: filepath.Join(folder, "usb-A"), Memories: []emulator.Memory{{Name: "SM", Capacity: 10, First: 1}}})
	_, err := sim.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	w := watchModems(t, store, filepath.Join(folder, "usb-*"))
	for n := range 8 {
		require.NoError(t, sim.Inject("+8613800138000", "text", time.Unix(1_700_000_000+int64(n), 0)))
	}
	require.Eventually(t, func() bool { return len(w.Notes()) == 1 }, time.Minute, 5*time.Millisecond, "told without a database")
	require.Contains(t, w.Notes()[0], "usb-A: SM holds 8 of 10 messages")
	require.Zero(t, sim.Waiting(), "before the modem stops receiving")
	store.away.Store(false)
	full := w.alerts(t, watch.Filter{}, "usb-A memory_nearly_full true")[0]
	require.InDelta(t, 80, full.Value, 0)
	require.Equal(t, "here", full.Gateway)

	require.NoError(t, sim.Unplug())
	both := w.alerts(t, watch.Filter{State: watch.Open}, "usb-A unplugged true", "usb-A memory_nearly_full true")
	by, err := store.AcknowledgeAlert(t.Context(), both[0].ID, "Wang Li")
	require.NoError(t, err)
	require.Equal(t, "Wang Li", by.AcknowledgedBy)
	again, err := store.AcknowledgeAlert(t.Context(), both[0].ID, "Zhao")
	require.NoError(t, err)
	require.Equal(t, by, again, "the first to say so stays")
	_, err = store.AcknowledgeAlert(t.Context(), 1<<40, "Zhao")
	require.ErrorIs(t, err, tracking.ErrNotFound)

	require.NoError(t, sim.Plug())
	w.alerts(t, watch.Filter{}, "usb-A memory_nearly_full true", "usb-A unplugged false")
	w.alerts(t, watch.Filter{State: watch.Pending}, "usb-A memory_nearly_full true")
	w.alerts(t, watch.Filter{Modem: "usb-A", Condition: watch.Unplugged}, "usb-A unplugged false")
	w.alerts(t, watch.Filter{Modem: "usb-B"})
}

// A gateway that starts again goes on with the alerts that it had.
func TestAlertsOutliveTheGateway(t *testing.T) {
	t.Parallel()
	store := &storeAway{ModemAlerts: postgres.NewModemAlerts(pgtest.New(t))}
	folder := t.TempDir()
	at := time.Now().UTC().Add(-time.Hour).Truncate(time.Microsecond)
	earlier := func(gateway, name string) watch.Alert {
		return watch.Alert{Gateway: gateway, Modem: name, Path: filepath.Join(folder, name), Condition: watch.Unplugged, Opened: at}
	}
	seen := earlier("here", "usb-seen")
	require.NoError(t, store.RecordAlerts(t.Context(), []watch.Alert{
		earlier("here", "usb-A"), earlier("here", "usb-A"), earlier("here", "usb-gone"), seen, earlier("here", "other"), earlier("there", "usb-B"),
	}))
	all, err := store.Alerts(t.Context(), watch.Filter{}, watch.Page{Size: 100})
	require.NoError(t, err)
	require.Len(t, all, 5, "told twice, it is one")
	for _, a := range all {
		if a.Modem == "usb-seen" {
			_, err := store.AcknowledgeAlert(t.Context(), a.ID, "Wang Li")
			require.NoError(t, err)
		}
	}
	w := watchModems(t, store, filepath.Join(folder, "usb-A"), filepath.Join(folder, "usb-*"))
	open := func() map[string]time.Time {
		all, err := store.Alerts(t.Context(), watch.Filter{State: watch.Open}, watch.Page{Size: 100})
		require.NoError(t, err)
		names := make(map[string]time.Time)
		for _, a := range all {
			names[a.Modem] = a.Opened
		}
		return names
	}
	// What was acknowledged, or is in no settings any more, is over; what was there and is not is missed.
	require.Eventually(t, func() bool { return len(open()) == 3 }, time.Minute, 5*time.Millisecond)
	require.Equal(t, map[string]time.Time{"usb-A": at, "usb-gone": at, "usb-B": at}, open())
	sim := emulator.New(emulator.Config{Link: filepath.Join(folder, "usb-gone")})
	_, err = sim.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	require.Eventually(t, func() bool { return len(open()) == 2 }, time.Minute, 5*time.Millisecond, "it is back")
	w.stop()
}

func TestAlertsOfModemsPage(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewModemAlerts(pool)
	_, err := pool.Exec(t.Context(), `
insert into gateway.modem_alert (gateway, modem, path, condition, value, detail, open_time, close_time)
select 'here', 'm' || i, '', 'hanging', 0, '', $1::timestamptz + i % 4 * interval '1 minute', case when i % 3 = 0 then null else $1::timestamptz + interval '1 hour' end
from generate_series(1, 20) i`, time.Now())
	require.NoError(t, err)
	whole, err := store.Alerts(t.Context(), watch.Filter{}, watch.Page{Size: 100})
	require.NoError(t, err)
	require.Len(t, whole, 20)
	var paged []watch.Alert
	for page := (watch.Page{Size: 3}); ; {
		some, err := store.Alerts(t.Context(), watch.Filter{}, page)
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
		require.False(t, !whole[i].Closed.IsZero() && whole[i+1].Closed.IsZero(), "those that hold come first")
	}
}
