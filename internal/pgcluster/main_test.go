package pgcluster_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"waybill/internal/pgcluster"
)

// helperVariable makes the test binary, run again, play another process.
const helperVariable = "WAYBILL_PGCLUSTER_HELPER"

func TestMain(m *testing.M) {
	if role := os.Getenv(helperVariable); role != "" {
		if err := help(role); err != nil {
			_, _ = fmt.Fprintln(os.Stdout, "error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// help is the other process: it has a cluster, says so, and waits to be ended.
func help(role string) error {
	role, dir, _ := strings.Cut(role, ":")
	var address string
	switch role {
	case "own":
		c, err := pgcluster.Open(context.Background(), pgcluster.Config{DataDir: dir, Purpose: "helper", Logger: quiet()})
		if err != nil {
			return err
		}
		defer func() { _ = c.Close() }()
		address = c.URL()
	case "temporary":
		c, err := pgcluster.StartTemporary(context.Background(), quiet())
		if err != nil {
			return err
		}
		address = c.URL("postgres")
	}
	if _, err := fmt.Fprintln(os.Stdout, "up", address); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// startHelper runs another process in role, and gives the address it tells.
func startHelper(t *testing.T, role string) (cmd *exec.Cmd, address string) {
	t.Helper()
	// Not bound to the test's context, which would kill it before it has cleared up.
	cmd = exec.Command(os.Args[0]) //nolint:noctx,gosec // see above; it is this program
	cmd.Env = append(os.Environ(), helperVariable+"="+role)
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	var word string
	_, err = fmt.Fscanln(stdout, &word, &address)
	require.NoError(t, err, "%s %s", word, address)
	require.Equal(t, "up", word)
	return cmd, address
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// dataDir is a directory that the user PostgreSQL runs as may pass through, which
// t.TempDir's parent isn't.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "waybill-test-") //nolint:usetesting // see above
	require.NoError(t, err)
	t.Cleanup(func() {
		if text, err := os.ReadFile(filepath.Join(dir, "data", "postgres", "postmaster.pid")); err == nil {
			var pid int
			if _, err := fmt.Sscan(string(text), &pid); err == nil && pid != os.Getpid() {
				_ = syscall.Kill(pid, syscall.SIGQUIT) // a failed test left it
			}
		}
		require.NoError(t, os.RemoveAll(dir))
	})
	require.NoError(t, os.Chmod(dir, 0o711)) //nolint:gosec // see above
	return filepath.Join(dir, "data")
}

// open owns the cluster of dir until the test ends.
func open(t *testing.T, dir string) *pgcluster.Cluster {
	t.Helper()
	c, err := pgcluster.Open(t.Context(), pgcluster.Config{DataDir: dir, Logger: quiet()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

// query runs one query that gives one text.
func query(t *testing.T, address, sql string, args ...any) string {
	t.Helper()
	text, err := tryQuery(t.Context(), address, sql, args...)
	require.NoError(t, err)
	return text
}

func tryQuery(ctx context.Context, address, sql string, args ...any) (text string, err error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(ctx) }()
	err = conn.QueryRow(ctx, sql, args...).Scan(&text)
	return text, err
}

// execute runs statements.
func execute(t *testing.T, address, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), sql)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}
