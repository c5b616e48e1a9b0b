package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// sweepLock is the key of the advisory lock of the one process that sweeps.
	sweepLock = 0x7762_7377_6565 // "wbswee"
	// sweepMost bounds how many devices one transaction of a sweep holds, so that their
	// fixes wait for a moment only.
	sweepMost = 1000
	// defaultSweepEvery is the time between two rounds.
	defaultSweepEvery = 30 * time.Second
	// DefaultSilentAfter is how long a device may be silent, unless a setting says
	// otherwise.
	DefaultSilentAfter = 30 * time.Minute
	// silenceForgotten is after how long nobody asks for a device that is on no vehicle.
	silenceForgotten = 7 * 24 * time.Hour
)

// Sweep opens the alerts that follow from no fix: of devices that have been silent for
// too long, and of vehicles that have been in a zone for too long. The next fix closes
// them in its own transaction; what a changed setting makes pointless the sweep closes
// itself. Several processes may run one: one works at a time.
type Sweep struct {
	pool    *pgxpool.Pool
	options SweepOptions
}

// SweepOptions are the settings of a [Sweep]. The zero value of each stands for its
// default.
type SweepOptions struct {
	// SilentAfter is how long a device may be silent that has no limit of its own; for
	// ever.
	SilentAfter time.Duration
	// Every is the time between two rounds; 30 s.
	Every time.Duration
	// Hears says whether fixes can reach this process; always.
	Hears func() bool
	// Logger hears of what failed; none.
	Logger *slog.Logger
}

// NewSweep returns a sweep of the database. The pool stays the caller's.
func NewSweep(pool *pgxpool.Pool, options SweepOptions) *Sweep {
	if options.Every <= 0 {
		options.Every = defaultSweepEvery
	}
	if options.Hears == nil {
		options.Hears = func() bool { return true }
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	return &Sweep{pool: pool, options: options}
}

// Run does a round now and then until the context ends. What fails is tried again in the
// next.
func (s *Sweep) Run(ctx context.Context) error {
	ticker := time.NewTicker(s.options.Every)
	defer ticker.Stop()
	for {
		if err := s.Round(ctx, time.Now()); err != nil && ctx.Err() == nil {
			s.options.Logger.WarnContext(ctx, "looking for silent devices and long stays failed", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Round looks at everything once, as of the time. It does nothing while another process
// does so.
func (s *Sweep) Round(ctx context.Context, now time.Time) error {
	var since time.Time
	for _, task := range []struct {
		name string
		run  func(context.Context, pgx.Tx) (more bool, err error)
	}{
		{"note that we hear", func(ctx context.Context, tx pgx.Tx) (more bool, err error) {
			since, err = s.hear(ctx, tx, now)
			return false, err
		}},
		{"find silent devices", func(ctx context.Context, tx pgx.Tx) (bool, error) { return s.openSilent(ctx, tx, now, since) }},
		{"find devices that are silent no longer", func(ctx context.Context, tx pgx.Tx) (bool, error) { return s.closeSilent(ctx, tx, now) }},
		{"find what devices warned of and is over", func(ctx context.Context, tx pgx.Tx) (bool, error) { return s.closeEvents(ctx, tx) }},
		{"find long stays", func(ctx context.Context, tx pgx.Tx) (bool, error) { return false, s.dwell(ctx, tx, now, since) }},
	} {
		for more := true; more; {
			err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
				var alone bool
				err := tx.QueryRow(ctx, "select pg_try_advisory_xact_lock($1)", int64(sweepLock)).Scan(&alone)
				if err != nil || !alone {
					more = false
					return err
				}
				more, err = task.run(ctx, tx)
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", task.name, translate(err))
			}
		}
	}
	return nil
}

// hear notes that fixes can reach us, and gives the time since when they could without
// a break: the zero time when they can't now. A hole that is longer than a round or two
// was an outage of ours.
func (s *Sweep) hear(ctx context.Context, tx pgx.Tx, now time.Time) (since time.Time, err error) {
	if !s.options.Hears() {
		return time.Time{}, nil
	}
	err = tx.QueryRow(ctx, `
insert into tracking.hearing as h (only_row, since_time, until_time) values (true, $1, $1)
on conflict (only_row) do update set
    since_time = case when h.until_time < $1::timestamptz - $2::interval then excluded.since_time else h.since_time end,
    until_time = greatest(h.until_time, excluded.until_time)
returning since_time`, now, 2*s.options.Every).Scan(&since)
	return since.UTC(), err
}
