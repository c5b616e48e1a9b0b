package pgcluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
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
// process at the other end of the pipe closes it or dies, and then clears up.
const watchdogScript = `cat >/dev/null
kill -QUIT "$1" 2>/dev/null
n=0
while [ -e "$2/postgres/postmaster.pid" ] && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done
rm -rf "$2" "$3"`

// StartTemporary initialises and starts a cluster in a new directory below the
// system's directory for temporary files. It doesn't survive a crash of the
// machine, and in return is quick. It leaves no goroutine running.
func StartTemporary(ctx context.Context, logger *slog.Logger) (_ *Temporary, err error) {
	dir, err := os.MkdirTemp("", "waybill-pg-")
	if err != nil {
		return nil, fileError(err, os.TempDir())
	}
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // the user that PostgreSQL runs as passes through
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	l, err := newLayout(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s, err := newServer(ctx, l, "", false, logger)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	t := &Temporary{server: s}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, t.remove())
	}
	if _, err := s.start(ctx); err != nil {
		return nil, errors.Join(err, t.remove())
	}
	if err := t.watch(); err != nil {
		return nil, errors.Join(err, s.stop(0), t.remove())
	}
	return t, nil
}

func (t *Temporary) watch() error {
	p, ok := t.server.layout.postmaster()
	if !ok {
		return fmt.Errorf("%w: it was gone as soon as it was up; see %s", ErrStart, t.server.layout.log())
	}
	// Not bound to a context: it has to outlive us.
	cmd := exec.Command("/bin/sh", "-c", watchdogScript, "waybill-watchdog", //nolint:gosec,noctx // see above
		strconv.Itoa(p.pid), t.server.layout.root, t.server.socketDir)
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

func (t *Temporary) remove() error {
	return errors.Join(os.RemoveAll(t.server.layout.root), os.RemoveAll(t.server.socketDir))
}
