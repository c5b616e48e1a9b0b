package modem_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem"
	"waybill/gateway/modem/emulator"
)

// TestGammuSeesTheTextBeforeAndAnEmptySIMAfter reads the same SIM with a program that is not ours, before and after.
func TestGammuSeesTheTextBeforeAndAnEmptySIMAfter(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("gammu")
	if err != nil {
		t.Skip("gammu is not installed (Debian package gammu); scripts/setup test installs it")
	}
	folder := t.TempDir()
	sim := emulator.New(emulator.Config{Link: filepath.Join(folder, "modem")})
	path, err := sim.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	rc := filepath.Join(folder, "gammurc")
	require.NoError(t, os.WriteFile(rc, []byte("[gammu]\ndevice="+path+"\nconnection=at115200\nsynchronizetime=no\n"), 0o600))
	messages := func() string {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		out, err := exec.CommandContext(ctx, program, "-c", rc, "getallsms").CombinedOutput() //nolint:gosec // The program under test.
		require.NoError(t, err, "%s", out)
		return string(out)
	}

	require.NoError(t, sim.Inject("+8613800138000", "lat:52.397735", time.Now()))
	require.Contains(t, messages(), "lat:52.397735")

	in := newInbox()
	m, err := modem.New(modem.Config{Name: "one", Open: modem.Serial(path, 0), Handler: in})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	require.Equal(t, "lat:52.397735", in.next(t).Body)
	becomes(t, "empty", func() bool { return sim.Stored("SM") == 0 })
	cancel()
	require.NoError(t, <-done)

	require.Contains(t, messages(), "0 SMS parts in 0 SMS sequences")
}
