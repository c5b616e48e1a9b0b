package postgres_test

import (
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
)

const stayLimit = 20 * time.Minute

func away() orb.Point { return orb.Point{121.02, 31} }

// drawYard makes the zone around home where nobody may stay for long.
func (w *watch) drawYard(t *testing.T) {
	t.Helper()
	_, err := w.registry.CreateZone(t.Context(), tracking.Zone{
		UID: "yard", DisplayName: "The yard", Center: home(), Radius: 200, DwellLimit: stayLimit,
	}, "")
	require.NoError(t, err)
}

// dwelling are the open alerts of long stays.
func (w *watch) dwelling(t *testing.T) []tracking.Alert {
	t.Helper()
	return w.alerts(t, tracking.AlertFilter{State: tracking.OpenAlert, Condition: tracking.Dwelling})
}

// stand reports every round that the unit is at the place.
func (w *watch) stand(t *testing.T, p orb.Point, d time.Duration) {
	t.Helper()
	for end := w.now.Add(d); w.now.Before(end); {
		w.now = w.now.Add(round)
		w.report(t, "unit", tracking.NewFix(w.now, p))
		w.round(t)
	}
}

func TestALongStayIsTold(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	w.drawYard(t)
	w.round(t)
	w.stand(t, away(), 5*round)
	arrived := w.now.Add(round)
	w.stand(t, home(), stayLimit+round)
	require.Empty(t, w.dwelling(t))
	w.stand(t, home(), 2*round)

	alerts := w.dwelling(t)
	require.Len(t, alerts, 1)
	require.Equal(t, []string{"truck", "yard", "The yard"}, []string{alerts[0].Vehicle, alerts[0].Zone, alerts[0].ZoneDisplayName})
	require.Equal(t, arrived.Add(stayLimit), alerts[0].Opened)
	require.InDelta(t, stayLimit.Seconds(), alerts[0].Value, 1e-6)

	w.stand(t, away(), round)
	require.Empty(t, w.dwelling(t))
	w.stand(t, home(), stayLimit)
	require.Empty(t, w.dwelling(t), "the next stay counts by itself")
}

func TestALateFixCorrectsAStay(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	w.drawYard(t)
	w.round(t)
	w.stand(t, away(), 5*round)
	arrived := w.now.Add(round)
	w.stand(t, home(), stayLimit+3*round)
	require.Len(t, w.dwelling(t), 1)

	// It was away for a moment, half way.
	between := arrived.Add(stayLimit/2 + round/2)
	require.Equal(t, []tracking.OutcomeKind{tracking.Stored}, w.report(t, "unit", tracking.NewFix(between, away())))
	require.Empty(t, w.dwelling(t))
	w.round(t)
	require.Empty(t, w.dwelling(t))
	w.stand(t, home(), stayLimit/2)
	require.Len(t, w.dwelling(t), 1, "the time since then is too long as well")
}

func TestALongStayEndsWithWhatItIsOf(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, w *watch){
		"the zone": func(t *testing.T, w *watch) {
			t.Helper()
			require.NoError(t, w.registry.DeleteZone(t.Context(), "yard"))
		},
		"the limit": func(t *testing.T, w *watch) {
			t.Helper()
			_, err := w.registry.UpdateZone(t.Context(), tracking.Zone{UID: "yard", DwellLimit: 5 * stayLimit}, tracking.ZoneMask{DwellLimit: true})
			require.NoError(t, err)
		},
		"the device": func(t *testing.T, w *watch) {
			t.Helper()
			_, err := w.registry.UpdateDevice(t.Context(), tracking.Device{UID: "unit", Disabled: true}, tracking.DeviceMask{Disabled: true})
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWatch(t)
			w.drawYard(t)
			w.round(t)
			w.stand(t, home(), stayLimit+3*round)
			require.Len(t, w.dwelling(t), 1)
			end(t, w)
			w.pass(t, round)
			require.Empty(t, w.dwelling(t))
		})
	}
}

func TestNobodyIsSeenToStayDuringAnOutage(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	w.drawYard(t)
	w.round(t)
	w.stand(t, home(), stayLimit/2)
	w.now = w.now.Add(time.Hour)
	w.round(t)
	w.pass(t, 2*round)
	require.Empty(t, w.dwelling(t), "it may have left")
	w.seen(t, "unit")
	w.pass(t, round)
	require.Len(t, w.dwelling(t), 1, "it is there still")
}
