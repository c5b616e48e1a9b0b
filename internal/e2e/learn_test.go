package e2e_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// TestATextThatNobodyKnewBecomesAPosition teaches a format while texts of it lie rejected.
func TestATextThatNobodyKnewBecomesAPosition(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(t)
	modem := filepath.Join(w.dir, "modem")
	emulated := launch(t, "modem", "emulate", "--path", modem)
	t.Cleanup(func() { require.NoError(t, emulated.stop()) })
	w.relaunch(t, w.gateway(), "--modem-path", modem)

	unknown := func(at time.Time, lon float64) string {
		return fmt.Sprintf("ACME| %s |31.25 N|%.2f E| 54 km/h", at.UTC().Format("02.01.2006 15:04:05"), lon)
	}
	start := time.Now().Add(-5 * time.Minute)
	for i := range 3 {
		w.text(t, modem, w.phone, unknown(start.Add(time.Duration(i)*time.Second), 121+float64(i)/100))
	}
	w.text(t, modem, w.phone, "Dear customer, your balance is low")
	pool := w.pool(t)
	count := func(query string) (n int) {
		require.NoError(t, pool.QueryRow(t.Context(), query).Scan(&n))
		return n
	}
	require.Eventually(t, func() bool {
		return count(`select count(*) from gateway.rejected_input where reason = 'unknown_format'`) == 4
	}, patience, 50*time.Millisecond)

	expression := `^ACME\| (?P<time>[\d.]+ [\d:]+) \|(?P<latitude>[\d.]+) (?P<latitude_hemisphere>[NS])\|(?P<longitude>[\d.]+) (?P<longitude_hemisphere>[EW])\| (?P<speed>\d+)`
	layout := "dd.MM.yyyy HH:mm:ss"
	shown := w.waybill(t, "modem", "learn", "--try", unknown(start, 121), "--time-layout", layout, expression)
	require.Contains(t, shown, "latitude 31.250000, longitude 121.000000")
	require.Contains(t, shown, "15 m/s")
	require.Zero(t, count(`select count(*) from tracking.position`), "it was only tried")

	learnt := w.waybill(t, "modem", "learn", "--add", "acme", "--example", unknown(start, 121), "--time-layout", layout, "--replay", expression)
	require.Contains(t, learnt, "3 of 4 texts that nobody could read match; 3 recovered: 3 fixes stored")
	require.Equal(t, 3, count(`select count(*) from tracking.position`))
	require.Contains(t, w.waybill(t, "modem", "learn", "--replay"), "0 recovered", "each once")

	// It holds at once in the gateway that runs.
	// The unit tells whole seconds, and the goods have been on the vehicle for less than one.
	w.text(t, modem, w.phone, unknown(time.Now().Add(time.Second), 121.22))
	w.awaitPoint(t, 121.22, 31.25)
	require.Contains(t, w.waybill(t, "modem", "learn", "--list"), "patterns/acme")
}

// TestCallForHelpFromTheSIM has a driver press the button where there is no reception.
func TestCallForHelpFromTheSIM(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	modem := filepath.Join(w.dir, "modem")
	emulated := launch(t, "modem", "emulate", "--path", modem)
	t.Cleanup(func() { require.NoError(t, emulated.stop()) })
	w.relaunch(t, w.gateway(), "--modem-path", modem)
	w.text(t, modem, w.phone, "help me!\nLac:c742 dc90\nT:\nLast:\nT:00:00\nhttp://maps.google.com/maps?f=q&q=6.049100,124.746815&z=16")

	alerts := trackingv1.NewAlertServiceClient(dial(t, w.tracking, w.admin))
	var open []*trackingv1.Alert
	require.Eventually(t, func() bool {
		resp, err := alerts.ListAlerts(t.Context(), &trackingv1.ListAlertsRequest{State: trackingv1.AlertState_ALERT_STATE_OPEN})
		open = resp.GetAlerts()
		return err == nil && len(open) == 1
	}, patience, 50*time.Millisecond)
	require.Equal(t, trackingv1.Condition_CONDITION_SOS, open[0].GetCondition())
	require.Equal(t, "vehicles/truck-1", open[0].GetVehicle())
	var positions int
	require.NoError(t, w.pool(t).QueryRow(t.Context(), `select count(*) from tracking.position`).Scan(&positions))
	require.Zero(t, positions)
	seen, err := alerts.AcknowledgeAlert(t.Context(), &trackingv1.AcknowledgeAlertRequest{Name: open[0].GetName()})
	require.NoError(t, err)
	require.NotNil(t, seen.GetAlert().GetCloseTime())
}
