package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// partitionLock is the key of the advisory lock under which days are made.
	partitionLock = 0x7762_7061_7274 // "wbpart"
	day           = 24 * time.Hour
	// daysBehind and daysAhead of now are made before they are needed.
	daysBehind, daysAhead = 1, 3
	dayLayout             = "position_20060102"
)

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
	table := dayTable(number)
	var attached bool
	err := tx.QueryRow(ctx, `select exists (select from pg_inherits where inhrelid = to_regclass($1))`, table).Scan(&attached)
	if err != nil || attached {
		return err
	}
	return execAll(ctx, tx,
		fmt.Sprintf(`create table if not exists %s (like tracking.position including all)`, table),
		attachDay(number),
	)
}

// attachDay is the statement that makes the day's table a partition.
func attachDay(number int64) string {
	return fmt.Sprintf(`alter table tracking.position attach partition %s for values from ('%s') to ('%s')`,
		dayTable(number), literal(dayStart(number)), literal(dayStart(number+1)))
}

// execAll executes statements without parameters, one after the other.
func execAll(ctx context.Context, tx pgx.Tx, statements ...string) error {
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// dayName is the name of the day's table in the schema, which needs no quotes.
func dayName(number int64) string { return dayStart(number).Format(dayLayout) }

// dayTable is the same with its schema.
func dayTable(number int64) string { return "tracking." + dayName(number) }

// literal is the moment as SQL takes it whatever the session's time zone.
func literal(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05+00") }

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
