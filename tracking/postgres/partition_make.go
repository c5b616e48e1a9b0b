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
	// daysBehind and daysAhead of now are made before they are needed.
	daysBehind, daysAhead = 1, 3
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

// Ensure makes the day that t is in, or the year when that is far back, unless it is there. Several processes may do
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

// makeDay makes the day's table aside and attaches it, which, unlike CREATE TABLE ...
// PARTITION OF, doesn't wait for those who write to other days, nor they for it. For
// a day that is far back it does so with the year's, unless the year is kept by days.
func makeDay(ctx context.Context, tx pgx.Tx, number int64) error {
	if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1)", int64(partitionLock)); err != nil {
		return err
	}
	days, year := span{number, number + 1}, yearOf(number)
	var made, byYear bool
	err := tx.QueryRow(ctx, `
select coalesce(bool_or(inhrelid in (to_regclass($1), to_regclass($2))), false),
    not coalesce(bool_or(inhrelid::regclass::text ~ $3), false)
        and $4::date < (select daily_from from tracking.position_calendar)
from pg_inherits where inhparent = 'tracking.position'::regclass`,
		days.table(), year.table(), `\m`+year.name()+`[0-9]{4}$`, dayStart(number)).Scan(&made, &byYear)
	if err != nil || made {
		return err
	}
	if !byYear {
		return makeTable(ctx, tx, days)
	}
	return makeTable(ctx, tx, year,
		// It is never sealed, and seldom written: so it has the index over places at once.
		fmt.Sprintf("create index if not exists %s%s on %s (tracking.cell(geom), fix_time)", year.name(), nearSuffix, year.table()))
}

func makeTable(ctx context.Context, tx pgx.Tx, s span, more ...string) error {
	err := execAll(ctx, tx, fmt.Sprintf(`create table if not exists %s (like tracking.position including all)`, s.table()))
	if err == nil {
		err = execAll(ctx, tx, more...)
	}
	if err == nil {
		err = execAll(ctx, tx, s.attach())
	}
	return err
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
