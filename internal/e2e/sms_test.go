package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	crmv1 "waybill/proto/waybill/crm/v1"
)

// TestTextInTheSIMIsTheOrdersLocation puts a unit's text into a SIM that gammu can
// read, and lets Waybill read it.
func TestTextInTheSIMIsTheOrdersLocation(t *testing.T) {
	t.Parallel()
	w := newStackOn(t, true).world(t)
	w.load(t)
	modem := filepath.Join(w.dir, "modem")
	emulated := launch(t, "modem", "emulate", "--path", modem)
	t.Cleanup(func() { require.NoError(t, emulated.stop()) })

	at := time.Now().Add(time.Second)
	w.text(t, modem, w.phone, concox(at, 120.95, 31.29))
	require.Contains(t, gammu(t, modem, "getallsms"), "1 SMS parts in 1 SMS sequences")

	w.relaunch(t, w.gateway(), "--modem-path", modem)
	w.awaitPoint(t, 120.95, 31.29)

	// Garbage is kept with its reason, and does not stand in the way.
	w.text(t, modem, w.phone, "Dear customer, your balance is low")
	w.text(t, modem, "+8613900000000", concox(at, 1, 1))
	w.text(t, modem, w.phone, concox(at.Add(time.Second), 120.951, 31.291))
	w.awaitPoint(t, 120.951, 31.291)
	counts := reasons(w.rejected(t))
	require.Equal(t, 1, counts["unknown_device"])
	require.Equal(t, 2, total(counts))

	// Once its sender is known, what was rejected becomes a fix.
	w.waybill(t, "device", "create", "stranger", "--phone", "+8613900000000")
	require.Contains(t, w.waybill(t, "device", "replay", "--reason", "unknown_device"), "1 stored")

	// With the database away a text stays in the SIM.
	require.NoError(t, w.cluster.Close())
	stays := w.processes[w.gateway()].expect("stays on the SIM")
	w.text(t, modem, w.phone, concox(at.Add(2*time.Second), 120.952, 31.292))
	select {
	case <-stays:
	case <-time.After(patience):
		t.Fatal("the server did not try to commit the text")
	}
	require.NoError(t, w.processes[w.gateway()].stop())
	require.Contains(t, gammu(t, modem, "getallsms"), "1 SMS parts in 1 SMS sequences")
	w.startDatabase(t)
	w.processes[w.gateway()] = launch(t, append(w.arguments[w.gateway()], "--modem-path", modem)...)
	w.awaitPoint(t, 120.952, 31.292)

	w.relaunch(t, w.gateway())
	require.Contains(t, gammu(t, modem, "getallsms"), "0 SMS parts in 0 SMS sequences")
}

// text puts a text into the SIM of an emulated modem.
func (w *world) text(t *testing.T, modem, from, text string) {
	t.Helper()
	w.waybill(t, "modem", "text", modem, "--from", from, text)
}

// concox is what a Concox unit answers to WHERE#.
func concox(at time.Time, lon, lat float64) string {
	return fmt.Sprintf("Lat:N%.6f,Lon:E%.6f,Course:90.00,Speed:54.0000,DateTime:%s", lat, lon, at.UTC().Format("06-01-02 15:04:05"))
}

// gammu runs Debian's client on the modem.
func gammu(t *testing.T, modem string, args ...string) string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "gammurc")
	require.NoError(t, os.WriteFile(config, []byte("[gammu]\ndevice = "+modem+"\nconnection = at115200\n"), 0o600))
	out, err := output(exec.CommandContext(t.Context(), need(t, "gammu"), append([]string{"-c", config}, args...)...))
	require.NoError(t, err)
	return out
}

// awaitPoint waits, on the order's own stream, until it is at a point.
func (w *world) awaitPoint(t *testing.T, lon, lat float64) {
	t.Helper()
	// A server that was just restarted answers the second call at the latest.
	var last *crmv1.ShipmentLocation
	require.Eventually(t, func() bool {
		resp, err := w.locations.GetOrderLocation(t.Context(), &crmv1.GetOrderLocationRequest{Order: w.order})
		if err != nil {
			return false
		}
		last = resp.GetLocation().GetShipments()[0]
		p := last.GetPoint()
		return p != nil && near(p.GetLongitude(), lon) && near(p.GetLatitude(), lat)
	}, patience, 50*time.Millisecond, "the order did not come to %v %v; last: %v", lon, lat, last)
}

func near(a, b float64) bool { return a-b < 1e-6 && b-a < 1e-6 }
