package pgcluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// startWait bounds a start: crash recovery replays at most max_wal_size of WAL.
	startWait = 10 * time.Minute
	// pollEvery is how often we look whether a postmaster still lives.
	pollEvery = 200 * time.Millisecond
)

// postmaster is what postmaster.pid says (PostgreSQL's miscinit.h, LOCK_FILE_LINE_*).
type postmaster struct {
	pid       int
	socketDir string
	status    string // "starting", "ready", "stopping", "standby"; "" before it has said
}

// postmaster reads who runs the cluster. ok is false when nobody does: there is no
// file, or its process is gone, or that number is another program's by now.
func (l layout) postmaster() (p postmaster, ok bool) { return l.readLock(l.pidFile()) }

func (l layout) pidFile() string { return filepath.Join(l.data(), "postmaster.pid") }

// readLock reads a lock file of PostgreSQL's. ok is as of postmaster.
func (l layout) readLock(path string) (p postmaster, ok bool) {
	file, err := os.Open(path)
	if err != nil {
		return postmaster{}, false
	}
	defer func() { _ = file.Close() }()
	p, err = parsePostmaster(file)
	if err != nil || !l.isPostmaster(p.pid) {
		return p, false
	}
	return p, true
}

func parsePostmaster(r io.Reader) (postmaster, error) {
	var lines []string
	scanner := bufio.NewScanner(io.LimitReader(r, 1<<16))
	for scanner.Scan() {
		lines = append(lines, strings.TrimSpace(scanner.Text()))
	}
	if err := scanner.Err(); err != nil {
		return postmaster{}, err
	}
	lines = append(lines, make([]string, 8)...)
	pid, err := strconv.Atoi(lines[0])
	if err != nil || pid <= 1 {
		return postmaster{}, fmt.Errorf("postmaster.pid: bad process id %q", lines[0])
	}
	return postmaster{pid: pid, socketDir: lines[4], status: lines[7]}, nil
}

// isPostmaster tells a living postmaster of this cluster from a zombie and from
// whoever else has got its number since.
func (l layout) isPostmaster(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		// No /proc here: what the lock file says has to do, as it does for PostgreSQL.
		_, noProc := os.Stat("/proc/self/cmdline")
		return noProc != nil
	}
	return strings.Contains(string(args), "\x00"+l.data()+"\x00")
}

// dropStale removes lock files, of the directory and of the socket, whose number now
// belongs to a process that is not PostgreSQL, or to a zombie that nobody has waited for
// yet: PostgreSQL itself would refuse to start over them. A number that belongs to nobody
// it handles itself.
func (s *server) dropStale() error {
	for _, path := range []string{s.layout.pidFile(), filepath.Join(s.socketDir, fmt.Sprintf(".s.PGSQL.%d.lock", port))} {
		p, ok := s.layout.readLock(path)
		if ok || p.pid == 0 || errors.Is(syscall.Kill(p.pid, 0), syscall.ESRCH) {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fileError(err, path)
		}
	}
	return nil
}

// start brings the cluster up and waits until it takes connections. One that runs
// already is taken over, with the settings as they are now. One that recovers from a
// crash is waited for, as are the backends that a killed postmaster has left behind, and
// one that dies meanwhile is started again.
func (s *server) start(ctx context.Context) (adopted bool, err error) {
	patience := time.NewTimer(startWait)
	defer patience.Stop()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for first := true; ; first = false {
		if adopted, err = s.bringUp(ctx); err == nil {
			err = s.createDatabase(ctx)
		}
		if err == nil || !s.passes(err) {
			return adopted, err
		}
		if first {
			s.logger.WarnContext(ctx, "database is not up yet; waiting for it", "error", err)
		}
		select {
		case <-ctx.Done():
			return adopted, fmt.Errorf("wait for PostgreSQL to recover: %w", context.Cause(ctx))
		case <-patience.C:
			return adopted, err
		case <-ticker.C:
		}
	}
}

// passes says that the error is of a cluster that has just crashed.
func (s *server) passes(err error) bool {
	if errors.Is(err, ErrStart) {
		// Orphaned backends end as soon as they look up from what they do. A killed owner's
		// own start may come before ours: its postmaster is adopted then.
		return strings.Contains(err.Error(), "pre-existing shared memory block") || anotherStarts(err.Error())
	}
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		const operatorIntervention = "57P" // it goes down, or isn't up yet
		return strings.HasPrefix(pgErr.Code, operatorIntervention)
	}
	var setup *SetupError
	_, lives := s.layout.postmaster()
	return !lives && !errors.As(err, &setup)
}

// bringUp has a postmaster running, by adoption or by pg_ctl.
func (s *server) bringUp(ctx context.Context) (adopted bool, err error) {
	if p, ok := s.layout.postmaster(); ok {
		adopted, err = s.adopt(ctx, p)
		if adopted || err != nil {
			return adopted, err
		}
	}
	if err := s.dropStale(); err != nil {
		return false, err
	}
	offset, err := s.openLog()
	if err != nil {
		return false, err
	}
	cmd := s.account.command(ctx, s.layout.root, s.binaries.Path("pg_ctl"), "start", "-D", s.layout.data(),
		"-l", s.layout.log(), "-w", "-t", strconv.Itoa(int(startWait.Seconds())))
	if out, err := cmd.CombinedOutput(); err != nil {
		said := string(out) + s.logSince(offset)
		if p, ok := s.layout.postmaster(); ok && !anotherStarts(said) {
			_ = syscall.Kill(p.pid, syscall.SIGQUIT) // cut off while it came up: don't leave it behind
		}
		return false, s.explain(ctx, "start", err, said)
	}
	return false, nil
}

// anotherStarts finds in what PostgreSQL said that a postmaster of this cluster came up
// at the same moment.
func anotherStarts(said string) bool {
	return strings.Contains(said, `lock file "postmaster.pid" already exists`)
}

// adopt takes over a postmaster that lives, once it is ready. One that is on its
// way out is waited for instead, and adopted is false.
func (s *server) adopt(ctx context.Context, p postmaster) (adopted bool, err error) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for p.status != "ready" {
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("wait for PostgreSQL, process %d, which is %s: %w", p.pid, p.status, context.Cause(ctx))
		case <-ticker.C:
		}
		var ok bool
		if p, ok = s.layout.postmaster(); !ok {
			return false, nil
		}
	}
	if p.socketDir != "" {
		s.socketDir = p.socketDir
	}
	err = syscall.Kill(p.pid, syscall.SIGHUP) // read the settings again
	if errors.Is(err, syscall.ESRCH) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("take over PostgreSQL, process %d: %w", p.pid, err)
	}
	return true, nil
}

// stop ends the cluster: fast (open transactions are rolled back, a checkpoint is
// written), and when that takes longer than patience, immediately (the next start
// recovers). It returns once the postmaster is gone.
func (s *server) stop(patience time.Duration) error {
	p, ok := s.layout.postmaster()
	if !ok {
		return nil
	}
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, patience}, {syscall.SIGQUIT, 10 * time.Second}} {
		if err := syscall.Kill(p.pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop PostgreSQL, process %d: %w", p.pid, err)
		}
		if s.waitGone(p.pid, step.wait) {
			return nil
		}
	}
	return fmt.Errorf("PostgreSQL, process %d, does not stop; see %s", p.pid, s.layout.log())
}

func (s *server) waitGone(pid int, patience time.Duration) bool {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	ticker := time.NewTicker(pollEvery / 10)
	defer ticker.Stop()
	for s.layout.isPostmaster(pid) {
		select {
		case <-deadline.C:
			return false
		case <-ticker.C:
		}
	}
	return true
}
