package emulator_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem/emulator"
)

// tool gives the path of a Debian program, or skips the test.
func tool(t *testing.T, name, pkg string) string {
	t.Helper()
	for _, dir := range []string{"", "/usr/sbin/"} {
		if path, err := exec.LookPath(dir + name); err == nil {
			return path
		}
	}
	t.Skipf("%s is not installed (Debian package %s); scripts/setup test installs it", name, pkg)
	return ""
}

// plugged gives a started modem on a stable path.
func plugged(t *testing.T, cfg emulator.Config) (*emulator.Emulator, string) {
	t.Helper()
	cfg.Link = filepath.Join(t.TempDir(), "modem")
	e := emulator.New(cfg)
	path, err := e.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e, path
}

// gammu gives a function that runs gammu on the terminal and returns what it printed.
func gammu(t *testing.T, path string) func(args ...string) string {
	t.Helper()
	program := tool(t, "gammu", "gammu")
	rc := filepath.Join(t.TempDir(), "gammurc")
	require.NoError(t, os.WriteFile(rc, []byte("[gammu]\ndevice="+path+"\nconnection=at115200\nsynchronizetime=no\n"), 0o600))
	return func(args ...string) string {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, program, append([]string{"-c", rc}, args...)...) //nolint:gosec // The program under test.
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "gammu %s: %s", strings.Join(args, " "), out)
		return string(out)
	}
}

func TestGammu(t *testing.T) {
	t.Parallel()
	sent := make(chan emulator.Submission, 8)
	e, path := plugged(t, emulator.Config{IMEI: "352848025020328", Sent: func(s emulator.Submission) { sent <- s }})
	run := gammu(t, path)

	require.Contains(t, run("identify"), "352848025020328")

	at := time.Date(2026, 9, 13, 14, 50, 40, 0, time.UTC)
	long := strings.Repeat("lat:52.397735 long:9.673347 ", 10)
	require.NoError(t, e.Inject("+8613800138000", "help me! {T:}", at))
	require.NoError(t, e.Inject("+8613800138001", "货在哪里", at))
	require.NoError(t, e.Inject("+8613800138002", long, at))
	require.NoError(t, e.Deliver(emulator.Message{From: "+8613800138003", Text: "in the phone", Time: at, Memory: "ME"}))

	all := run("getallsms")
	for _, want := range []string{"+8613800138000", "help me! {T:}", "货在哪里", "part 1 of 2", "part 2 of 2", "in the phone", "Sep 13 14:50:40 2026"} {
		require.Contains(t, all, want)
	}

	run("sendsms", "TEXT", "+8613800138009", "-text", "where?")
	s := <-sent
	require.Equal(t, "+8613800138009", s.To)
	require.Equal(t, "where?", s.Text)

	run("deleteallsms", "1")
	require.Zero(t, e.Stored("SM"))
	run("deleteallsms", "3")
	require.Zero(t, e.Stored("ME"))
}
