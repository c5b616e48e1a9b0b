package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// sealLock is the key of the advisory lock of the one process that seals or drops
	// days.
	sealLock = 0x7762_7365_616c // "wbseal"
	// breathers is how many times a lock's timeout is paused before it is tried again,
	// so that those who are held up by the tries have most of the time.
	breathers = 10
	// gentleTries is how many tries it takes until a lock is waited for as long as it
	// may be.
	gentleTries  = 8
	closeTimeout = 5 * time.Second
	// vacuumDelay is how long vacuum pauses each time it has read or written for some
	// dozen pages.
	vacuumDelay = 10 * time.Millisecond
)

// ErrBusy says that a day was left as it is: another process works on the days, or
// positions were read or written for too long to get at them. Try again later.
var ErrBusy = errors.New("the partitions are busy; try again later")

// alone does the work as the only one in all processes, on a connection of its own
// that ends with it, and with that the lock.
func (p *Partitions) alone(ctx context.Context, work func(conn *pgx.Conn) error) error {
	pooled, err := p.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	conn := pooled.Hijack()
	defer func() {
		// The context may have ended, and the server must hear of it all the same: who
		// comes next finds the lock free at once, and not only when the server is
		// through with the connection. Nothing is left that could be lost.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		_, _ = conn.Exec(ctx, "select pg_advisory_unlock_all()")
		_ = conn.Close(ctx)
	}()
	var locked bool
	if err := conn.QueryRow(ctx, "select pg_try_advisory_lock($1)", int64(sealLock)).Scan(&locked); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	if !locked {
		return fmt.Errorf("%w: another process seals or drops days", ErrBusy)
	}
	// Work that nobody waits for takes its time, unless it is to be done without pauses,
	// and doesn't call further processes to its help: what they do is taken from those
	// who commit. Nor does it leave pages for the system to write when it likes, many at
	// once, while their commits wait for the same disk.
	delay := vacuumDelay
	if p.options.SealShare == 1 {
		delay = 0
	}
	_, err = conn.Exec(ctx, `select set_config('statement_timeout', '0', false),
		set_config('max_parallel_maintenance_workers', '0', false), set_config('vacuum_cost_delay', $1, false),
		set_config('backend_flush_after', '256kB', false)`, fmt.Sprintf("%dms", delay.Milliseconds()))
	if err != nil {
		return fmt.Errorf("set up the session: %w", err)
	}
	return work(conn)
}

// patiently tries until the locks that it needs are had in time, or the patience
// ends. While one is waited for, those who come after have to wait, too: so the first
// tries are short, and only where they fail the next are longer.
func (p *Partitions) patiently(ctx context.Context, conn *pgx.Conn, try func() error) error {
	end := time.NewTimer(p.options.Patience)
	defer end.Stop()
	for tries := 1; ; tries++ {
		timeout := p.options.LockTimeout * time.Duration(min(tries, gentleTries)) / gentleTries
		_, err := conn.Exec(ctx, "select set_config('lock_timeout', $1, false)", fmt.Sprintf("%dms", max(timeout.Milliseconds(), 1)))
		if err == nil {
			err = try()
		}
		if code(err) != codeLockNotAvailable {
			return err
		}
		pause := time.NewTimer(breathers * timeout)
		select {
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		case <-end.C:
			pause.Stop()
			return fmt.Errorf("%w: positions have been in use for %v: %w", ErrBusy, p.options.Patience, err)
		case <-pause.C:
		}
	}
}
