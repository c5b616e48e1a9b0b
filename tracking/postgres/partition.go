package postgres

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// partitionInterval is how often the days are looked after.
const partitionInterval = time.Hour

// Partitions keeps the daily partitions of tracking.position, named
// position_YYYYMMDD after the day in UTC: it makes them, seals those that are
// finished, and drops those that are older than the retention. Several processes
// may do so at once.
type Partitions struct {
	pool    *pgxpool.Pool
	options PartitionOptions
	logger  *slog.Logger

	mu    sync.RWMutex
	known map[int64]struct{} // guarded by mu; days since 1970
}

// PartitionOptions are the settings of [Partitions]. The zero value of each stands
// for its default.
type PartitionOptions struct {
	// Retention is how long positions are kept: days that are older as a whole are
	// dropped; for ever.
	Retention time.Duration
	// SealAfter is how long ago a day must have ended for Run to seal it; Run seals
	// none.
	SealAfter time.Duration
	// SealAgain is how many late fixes have a sealed day sealed again; 100,000.
	SealAgain int64
	// SealShare is the share of the time that a process works while it seals, the rest
	// are pauses for those who commit; a quarter. 1 is without pauses.
	SealShare float64
	// LockTimeout is how long reading and writing of positions may be held up by a
	// lock that can't be had; 20 ms.
	LockTimeout time.Duration
	// Patience is how long such a lock is tried for, with pauses, before the work on
	// the day is given up until the next time; a minute.
	Patience time.Duration
	// Logger hears of what was done and what failed; none.
	Logger *slog.Logger
}

const (
	defaultSealAgain   = 100_000
	defaultSealShare   = 0.25
	defaultLockTimeout = 20 * time.Millisecond
	defaultPatience    = time.Minute
)

func (o PartitionOptions) withDefaults() PartitionOptions {
	if o.SealAgain <= 0 {
		o.SealAgain = defaultSealAgain
	}
	if o.SealShare <= 0 || o.SealShare > 1 {
		o.SealShare = defaultSealShare
	}
	if o.LockTimeout <= 0 {
		o.LockTimeout = defaultLockTimeout
	}
	if o.Patience <= 0 {
		o.Patience = defaultPatience
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// NewPartitions returns the partitions of the database. The pool stays the
// caller's.
func NewPartitions(pool *pgxpool.Pool, options PartitionOptions) *Partitions {
	options = options.withDefaults()
	return &Partitions{pool: pool, options: options, logger: options.Logger, known: make(map[int64]struct{})}
}

// Run looks after the days, at once and then every hour, until the context ends.
// When something fails it says so in the log and goes on: a day that is missing is
// made when a fix of it comes, and the rest is tried again an hour later.
func (p *Partitions) Run(ctx context.Context) error {
	ticker := time.NewTicker(partitionInterval)
	defer ticker.Stop()
	for {
		p.lookAfter(ctx, time.Now())
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (p *Partitions) lookAfter(ctx context.Context, now time.Time) {
	for _, task := range []struct {
		name string
		run  func(context.Context, time.Time) error
	}{
		{"make the coming days", p.Ahead},
		{"drop days older than the retention", p.Retain},
		{"seal finished days", p.SealFinished},
	} {
		err := task.run(ctx, now)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, ErrBusy):
			p.logger.InfoContext(ctx, "work on the partitions is put off for an hour", slog.String("task", task.name), slog.Any("error", err))
		case err != nil:
			p.logger.WarnContext(ctx, "work on the partitions failed", slog.String("task", task.name), slog.Any("error", err))
		}
	}
}
