package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/tracking"
	"waybill/tracking/postgres"
)

// told records an event of unit at the time, received then, and says what became of it.
func (w *watch) told(t *testing.T, kind, id string, at time.Time) tracking.OutcomeKind {
	t.Helper()
	outcome, err := postgres.NewDeviceEvents(w.pool, 0).RecordDeviceEvent(t.Context(), tracking.DeviceEvent{
		Device: "unit", ID: id, Kind: kind, Time: at, Received: w.now, Source: "sms/coban", Text: kind + "!",
	})
	require.NoError(t, err)
	return outcome.Kind
}

// warning is a fix that says so.
func (w *watch) warning(kind string) tracking.Fix {
	fix := tracking.NewFix(w.now, home())
	fix.Attributes = map[string]any{"alarm": kind}
	return fix
}

func (w *watch) positions(t *testing.T) (n int) {
	t.Helper()
	require.NoError(t, w.pool.QueryRow(t.Context(), `select count(*) from tracking.position`).Scan(&n))
	return n
}

func TestCallForHelpWithoutAFix(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	w.seen(t, "unit")
	w.now = w.now.Add(time.Minute)
	require.Equal(t, tracking.Stored, w.told(t, "sos", "a", w.now))
	require.Equal(t, tracking.Duplicate, w.told(t, "sos", "a", w.now), "the same text again")
	require.Equal(t, tracking.Stored, w.told(t, "sos", "b", w.now.Add(time.Second)), "the unit repeats it")
	require.Equal(t, 1, w.positions(t), "no position is stored")

	alerts := w.open(t)
	require.Len(t, alerts, 1, "one incident is one alert")
	require.Equal(t, tracking.SOS, alerts[0].Condition)
	require.Equal(t, "unit", alerts[0].Device)
	require.Equal(t, "truck", alerts[0].Vehicle)
	require.Equal(t, w.now, alerts[0].Opened)

	// Neither a fix nor time ends it.
	w.now = w.now.Add(time.Minute)
	w.seen(t, "unit")
	w.round(t)
	require.Len(t, w.open(t), 1)
	acknowledged, err := w.history.AcknowledgeAlert(t.Context(), alerts[0].ID, "Wang Li")
	require.NoError(t, err)
	require.False(t, acknowledged.Closed.IsZero(), "who sees to it ends it")
	require.Empty(t, w.alerts(t, tracking.AlertFilter{State: tracking.PendingAlert}))
}

func TestCallForHelpIsHeardAgain(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	seeTo := func() {
		w.exec(t, `update tracking.alert set acknowledge_time = $1, close_time = $1`, w.now)
	}
	w.report(t, "unit", w.warning("sos"))
	require.Len(t, w.open(t), 1)
	seeTo()

	// Repeats belong to what somebody sees to, with a fix and without.
	w.now = w.now.Add(3 * time.Minute)
	w.report(t, "unit", w.warning("sos"))
	require.Equal(t, tracking.Stored, w.told(t, "sos", "repeat", w.now))
	require.Empty(t, w.open(t))

	// Pressed again later, it is another call, though the unit said nothing else meanwhile.
	w.now = w.now.Add(tracking.SOSQuiet)
	w.report(t, "unit", w.warning("sos"))
	require.Len(t, w.open(t), 1)
	seeTo()
	w.now = w.now.Add(tracking.SOSQuiet + time.Second)
	require.Equal(t, tracking.Stored, w.told(t, "sos", "again", w.now))
	require.Len(t, w.open(t), 1)
}

func TestCallsForHelpInOneBatch(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	first, second := w.warning("sos"), w.warning("sos")
	first.Time = first.Time.Add(-2 * time.Minute)
	w.report(t, "unit", first, second, tracking.NewFix(w.now.Add(-time.Minute), home()))
	alerts := w.open(t)
	require.Len(t, alerts, 1)
	require.Equal(t, first.Time, alerts[0].Opened)
	require.Len(t, w.held(t), 2, "history has both")
}

func TestLateCallForHelp(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	late, stale := w.warning("sos"), w.warning("sos")
	late.Time, stale.Time = late.Time.Add(-30*time.Second), stale.Time.Add(-time.Hour)
	w.seen(t, "unit")
	w.report(t, "unit", stale)
	require.Equal(t, tracking.Stored, w.told(t, "sos", "stale", stale.Time))
	require.Empty(t, w.alerts(t, tracking.AlertFilter{}), "what is stale alerts nobody")
	w.report(t, "unit", late)
	require.Len(t, w.open(t), 1, "that the unit was seen since doesn't undo it")
}

func TestAlarmsWithoutAFixAreOfAMoment(t *testing.T) {
	t.Parallel()
	for _, kind := range []tracking.Condition{tracking.PowerCut, tracking.LowBattery, tracking.Shock, tracking.DoorOpen, tracking.Speeding} {
		w := newWatch(t)
		w.seen(t, "unit")
		w.now = w.now.Add(time.Minute)
		require.Equal(t, tracking.Stored, w.told(t, string(kind), "x", w.now))
		w.round(t)
		alerts := w.open(t)
		require.Len(t, alerts, 1, "%s: no fix came since", kind)
		require.Equal(t, kind, alerts[0].Condition)
		w.now = w.now.Add(time.Minute)
		w.seen(t, "unit")
		w.round(t)
		require.Empty(t, w.open(t), kind)
	}
}

func TestFixesGoOnWithWhatAnEventBegan(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	require.Equal(t, tracking.Stored, w.told(t, "power_cut", "x", w.now))
	w.now = w.now.Add(time.Minute)
	fix := tracking.NewFix(w.now, home())
	fix.Attributes = map[string]any{"external_power": false}
	w.report(t, "unit", fix)
	w.round(t)
	require.Len(t, w.open(t), 1, "the power is away still")
	w.now = w.now.Add(time.Minute)
	fix = tracking.NewFix(w.now, home())
	fix.Attributes = map[string]any{"external_power": true}
	w.report(t, "unit", fix)
	require.Empty(t, w.open(t))
	require.Len(t, w.alerts(t, tracking.AlertFilter{}), 1)
}

func TestWhatIsNoConditionIsOnlyRecorded(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	for i, kind := range []string{"moved", "fence", "silent", "temperature"} {
		require.Equal(t, tracking.Stored, w.told(t, kind, fmt.Sprint(i), w.now.Add(time.Duration(i)*time.Second)))
	}
	require.Empty(t, w.alerts(t, tracking.AlertFilter{}))
	store := postgres.NewDeviceEvents(w.pool, 0)
	page, err := store.DeviceEvents(t.Context(), tracking.EventQuery{Device: "unit", Size: 3})
	require.NoError(t, err)
	require.Len(t, page, 3)
	require.Equal(t, tracking.DeviceEvent{
		Device: "unit", ID: "3", Kind: "temperature", Time: w.now.Add(3 * time.Second), Received: w.now, Source: "sms/coban", Text: "temperature!", Vehicle: "truck",
	}, page[0])
	rest, err := store.DeviceEvents(t.Context(), tracking.EventQuery{Device: "unit", Size: 3, After: &tracking.EventKey{Time: page[2].Time, ID: page[2].ID}})
	require.NoError(t, err)
	require.Len(t, rest, 1)
	_, err = store.DeviceEvents(t.Context(), tracking.EventQuery{Device: "nobody", Size: 3})
	require.ErrorIs(t, err, tracking.ErrNotFound)
}

func TestEventsThatCantBeRecorded(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	store := postgres.NewDeviceEvents(w.pool, 0)
	for reason, event := range map[tracking.Reason]tracking.DeviceEvent{
		tracking.ReasonUnknownDevice: {Device: "nobody", ID: "1", Kind: "sos", Time: w.now},
		tracking.ReasonFuture:        {Device: "unit", ID: "1", Kind: "sos", Time: w.now.Add(time.Hour)},
		tracking.ReasonValue:         {Device: "unit", ID: "1", Kind: "Help me!", Time: w.now},
	} {
		event.Received = w.now
		outcome, err := store.RecordDeviceEvent(t.Context(), event)
		require.NoError(t, err)
		require.Equal(t, tracking.Rejected, outcome.Kind)
		require.Equal(t, reason, outcome.Reason)
		require.NotEmpty(t, outcome.Detail)
	}
	require.Empty(t, w.alerts(t, tracking.AlertFilter{}))
}
