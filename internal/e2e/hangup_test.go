package e2e_test

import (
	"bufio"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A terminal that is closed takes with it the reader of the log and sends a hangup;
// no database stays behind.
func TestClosedTerminalLeavesNoDatabase(t *testing.T) {
	t.Parallel()
	if *split {
		t.Skip("only one process has a database of its own")
	}
	if signal.Ignored(syscall.SIGHUP) {
		t.Skip("under nohup a hangup is nothing to stop for")
	}
	dir := filepath.Join(reachableDir(t), "data")
	terminal, screen, err := os.Pipe()
	require.NoError(t, err)
	server := exec.Command(program, "serve", "--data-dir", dir, //nolint:noctx // ended by the signal, or by the cleanup
		"--http-address", freeAddress(t), "--grpc-address", freeAddress(t), "--mqtt-address", freeAddress(t))
	server.Stdout, server.Stderr = screen, screen
	require.NoError(t, server.Start())
	require.NoError(t, screen.Close())
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	t.Cleanup(func() { _ = server.Process.Kill() })

	lines := bufio.NewScanner(terminal)
	for lines.Scan() && !strings.Contains(lines.Text(), "msg=ready") {
		t.Log(lines.Text())
	}
	require.FileExists(t, filepath.Join(dir, "postgres", "postmaster.pid"))
	require.NoError(t, terminal.Close())
	require.NoError(t, server.Process.Signal(syscall.SIGHUP))
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(patience):
		t.Fatalf("it did not stop in %v", patience)
	}
	require.NoFileExists(t, filepath.Join(dir, "postgres", "postmaster.pid"))
}
