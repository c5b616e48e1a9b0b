package e2e_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestOutsideBroker has a unit publish to Mosquitto, which Waybill reads from.
func TestOutsideBroker(t *testing.T) {
	t.Parallel()
	address := mosquitto(t)
	w := newWorld(t, "--broker-url", "tcp://"+address, "--broker-client-id", "waybill-e2e")
	w.load(t)
	host, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	out, err := output(exec.CommandContext(t.Context(), need(t, "mosquitto_pub"), "-h", host, "-p", port, "-q", "1",
		"-t", "owntracks/"+w.device+"/phone", "-m", ownTracks(time.Now().Add(time.Second), 120.93, 31.28)))
	require.NoError(t, err, out)
	w.awaitPoint(t, 120.93, 31.28)
}

// mosquitto starts a broker that lets anybody in, and returns its address.
func mosquitto(t *testing.T) string {
	t.Helper()
	program := need(t, "mosquitto")
	address := freeAddress(t)
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	config := filepath.Join(t.TempDir(), "mosquitto.conf")
	require.NoError(t, os.WriteFile(config, []byte("listener "+port+" 127.0.0.1\nallow_anonymous true\n"), 0o600))
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	broker := exec.CommandContext(ctx, program, "-c", config)
	require.NoError(t, broker.Start())
	t.Cleanup(func() {
		stop()
		_ = broker.Wait()
	})
	return address
}

// TestReplayBySMS plays a track into the SIM of an emulated modem.
func TestReplayBySMS(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	modem := filepath.Join(w.dir, "modem")
	emulated := launch(t, "modem", "emulate", "--path", modem)
	t.Cleanup(func() { require.NoError(t, emulated.stop()) })
	w.relaunch(t, w.gateway(), "--modem-path", modem)

	start := time.Now().Add(-time.Hour).Truncate(time.Second)
	track := "time,lat,lon\n"
	const fixes = 5
	for i := range fixes {
		track += fmt.Sprintf("%s,31.2,%s\n", start.Add(time.Duration(i)*time.Second).UTC().Format(time.RFC3339), decimal(120+float64(i)/100))
	}
	file := filepath.Join(t.TempDir(), "track.csv")
	require.NoError(t, os.WriteFile(file, []byte(track), 0o600))
	w.waybill(t, "replay", file, "--device", w.device, "--via", "sms", "--modem", modem, "--from", w.phone, "--speed", "0")

	pool := w.pool(t)
	require.Eventually(t, func() bool {
		var stored int
		err := pool.QueryRow(t.Context(), `select count(*) from tracking.position`).Scan(&stored)
		return err == nil && stored == fixes
	}, patience, 20*time.Millisecond)
}
