package pgcluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"syscall"
)

// Temporary is a cluster for tests. It is gone, with its files, once the process
// that started it is: however that ends.
type Temporary struct {
	server   *server
	watchdog *exec.Cmd
	leash    io.WriteCloser // the watchdog acts when this closes
}

// watchdogScript waits until its standard input ends, which it does when the
// process at the other end of the pipe closes it or dies, and then clears up: the
// cluster in directory $1, in whatever state it is, and its socket in $2.
const watchdogScript = `cat >/dev/null
n=0
while [ -e "$1" ] && [ $n -lt 200 ]; do
	if pid=$(head -n 1 "$1/postgres/postmaster.pid" 2>/dev/null) && [ -n "$pid" ]; then
		kill -QUIT "$pid" 2>/dev/null
		sleep 0.1
	fi
	[ -e "$1/postgres/postmaster.pid" ] || rm -rf "$1" "$2" 2>/dev/null || sleep 0.1
	n=$((n+1))
done
rm -rf "$1" "$2"`

// StartTemporary initialises and starts a cluster in a new directory below the
// system's directory for temporary files. It doesn't survive a crash of the
// machine, and in return is quick. It leaves no goroutine running.
func StartTemporary(ctx context.Context, logger *slog.Logger) (*Temporary, error) {
	dir, err := os.MkdirTemp("", "waybill-pg-")
	if err != nil {
		return nil, fileError(err, os.TempDir())
	}
	t := &Temporary{}
	if err := t.start(ctx, dir, logger); err != nil {
		if t.leash != nil {
			err = errors.Join(err, t.Close())
		}
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return t, nil
}

func (t *Temporary) start(ctx context.Context, dir string, logger *slog.Logger) error {
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // the user that PostgreSQL runs as passes through
		return fileError(err, dir)
	}
	l, err := newLayout(dir)
	if err != nil {
		return err
	}
	if t.server, err = newServer(ctx, l, "", false, logger); err != nil {
		return err
	}
	// The watchdog first: nothing that we start can be left behind.
	if err := t.watch(); err != nil {
		return err
	}
	if err := t.server.prepare(ctx); err != nil {
		return err
	}
	_, err = t.server.start(ctx)
	return err
}

func (t *Temporary) watch() error {
	// Not bound to a context: it has to outlive us.
	cmd := exec.Command("/bin/sh", "-c", watchdogScript, "waybill-watchdog", //nolint:gosec,noctx // see above
		t.server.layout.root, t.server.socketDir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	leash, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("watch over the cluster: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("watch over the cluster: %w", err)
	}
	t.watchdog, t.leash = cmd, leash
	return nil
}

// URL connects as superuser to the database db, such as "postgres".
func (t *Temporary) URL(db string) string { return address(t.server.socketDir, db) }

// Close stops the cluster and removes its files.
func (t *Temporary) Close() error {
	return errors.Join(t.leash.Close(), t.watchdog.Wait())
}
