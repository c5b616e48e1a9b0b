package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// partitionLock is the key of the advisory lock under which days are made.
	partitionLock = 0x7762_7061_7274 // "wbpart"
	day           = 24 * time.Hour
	// daysBehind and daysAhead of now are made before they are needed.
	daysBehind, daysAhead = 1, 3
	partitionInterval     = time.Hour
)

// Partitions makes the daily partitions of tracking.position, named
// position_YYYYMMDD after the day in UTC.
type Partitions struct {
	pool   *pgxpool.Pool
	logger *slog.Logger

	mu    sync.RWMutex
	known map[int64]struct{} // guarded by mu; days since 1970
}

// NewPartitions returns the partitions of the database. The pool stays the
// caller's.
func NewPartitions(pool *pgxpool.Pool, logger *slog.Logger) *Partitions {
	return &Partitions{pool: pool, logger: logger, known: make(map[int64]struct{})}
}

// Run makes the days around now, at once and then every hour, until the context
// ends. When that fails it says so in the log and goes on: a day that is missing
// is made when a fix of it comes.
func (p *Partitions) Run(ctx context.Context) error {
	ticker := time.NewTicker(partitionInterval)
	defer ticker.Stop()
	for {
		if err := p.Ahead(ctx, time.Now()); err != nil && ctx.Err() == nil {
			p.logger.WarnContext(ctx, "make the partitions of the coming days", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Ahead makes the days around now: yesterday's to that in three days.
func (p *Partitions) Ahead(ctx context.Context, now time.Time) error {
	for offset := -daysBehind; offset <= daysAhead; offset++ {
		if err := p.Ensure(ctx, now.Add(time.Duration(offset)*day)); err != nil {
			return err
		}
	}
	return nil
}

// Ensure makes the day that t is in unless it is there. Several processes may do
// so at once.
func (p *Partitions) Ensure(ctx context.Context, t time.Time) error {
	number := dayNumber(t)
	p.mu.RLock()
	_, ok := p.known[number]
	p.mu.RUnlock()
	if ok {
		return nil
	}
	err := pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error { return makeDay(ctx, tx, number) })
	if err != nil {
		return fmt.Errorf("make the partition of %s: %w", dayStart(number).Format(time.DateOnly), err)
	}
	p.mu.Lock()
	p.known[number] = struct{}{}
	p.mu.Unlock()
	return nil
}

// forget what is known, because a day turned out to be gone.
func (p *Partitions) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.known)
}

// makeDay makes the table aside and attaches it, which, unlike CREATE TABLE ...
// PARTITION OF, doesn't wait for those who write to other days, nor they for it.
func makeDay(ctx context.Context, tx pgx.Tx, number int64) error {
	if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1)", int64(partitionLock)); err != nil {
		return err
	}
	table := pgx.Identifier{"tracking", dayStart(number).Format("position_20060102")}.Sanitize()
	var attached bool
	err := tx.QueryRow(ctx, `select exists (select from pg_inherits where inhrelid = to_regclass($1))`, table).Scan(&attached)
	if err != nil || attached {
		return err
	}
	const layout = "2006-01-02 15:04:05+00"
	for _, statement := range []string{
		fmt.Sprintf(`create table if not exists %s (like tracking.position including all)`, table),
		fmt.Sprintf(`alter table tracking.position attach partition %s for values from ('%s') to ('%s')`,
			table, dayStart(number).Format(layout), dayStart(number+1).Format(layout)),
	} {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// dayNumber counts days since 1970 in UTC.
func dayNumber(t time.Time) int64 {
	seconds := t.Unix()
	number := seconds / int64(day/time.Second)
	if seconds < 0 && seconds%int64(day/time.Second) != 0 {
		number--
	}
	return number
}

func dayStart(number int64) time.Time { return time.Unix(number*int64(day/time.Second), 0).UTC() }
