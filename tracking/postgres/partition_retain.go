package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

// retentionMargin is how much longer a day stays than the retention says: by then
// no process takes a fix of it any more.
const retentionMargin = time.Hour

// Retain drops the days (and years) that are older as a whole than the retention, the
// oldest first. Nobody who reads or writes other days waits for it. Of a day that can't be
// had in time ([ErrBusy]) detaching goes on at the next call.
func (p *Partitions) Retain(ctx context.Context, now time.Time) error {
	if p.options.Retention <= 0 {
		return nil
	}
	oldest := now.Add(-p.options.Retention - retentionMargin)
	return p.eachDay(ctx, func(d Day) bool { return !d.End.After(oldest) }, p.drop)
}

// eachDay does the work on every day that is wanted. One that fails doesn't keep the
// others from it, but for one that is busy: those after it would be, too.
func (p *Partitions) eachDay(ctx context.Context, wanted func(Day) bool, work func(context.Context, *pgx.Conn, Day) error) error {
	days, err := p.Days(ctx)
	if err != nil {
		return err
	}
	var todo []Day
	for _, d := range days {
		if wanted(d) {
			todo = append(todo, d)
		}
	}
	if len(todo) == 0 {
		return nil
	}
	return p.alone(ctx, func(conn *pgx.Conn) error {
		var failures []error
		for _, d := range todo {
			err := work(ctx, conn, d)
			failures = append(failures, err)
			if errors.Is(err, ErrBusy) || conn.IsClosed() || ctx.Err() != nil {
				break
			}
		}
		return errors.Join(failures...)
	})
}

// drop takes the day out of the table and drops it.
func (p *Partitions) drop(ctx context.Context, conn *pgx.Conn, d Day) error {
	err := p.patiently(ctx, conn, func() error { return detach(ctx, conn, d.span) })
	if err == nil {
		err = p.patiently(ctx, conn, func() error { return dropDetached(ctx, conn, d.span) })
	}
	if err != nil {
		return fmt.Errorf("drop the positions of %s: %w", d, err)
	}
	p.forget()
	p.logger.InfoContext(ctx, "dropped the positions of a day older than the retention",
		slog.String("day", d.String()), slog.Int64("rows", d.Rows))
	return nil
}

// detach makes the day a table of its own. That waits for those who use positions
// at the time, without anybody waiting for it; when that takes too long the day is
// left half detached, invisible already, and the next call finishes it.
func detach(ctx context.Context, conn *pgx.Conn, s span) error {
	var pending bool
	err := conn.QueryRow(ctx, `select inhdetachpending from pg_inherits
		where inhrelid = to_regclass($1) and inhparent = 'tracking.position'::regclass`, s.table()).Scan(&pending)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	how := "concurrently"
	if pending {
		how = "finalize"
	}
	_, err = conn.Exec(ctx, fmt.Sprintf("alter table tracking.position detach partition %s %s", s.table(), how))
	return err
}

// dropDetached drops the day's table, with what is known of it.
func dropDetached(ctx context.Context, conn *pgx.Conn, s span) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := execAll(ctx, tx, "drop table if exists "+s.table(), "drop table if exists "+s.table()+asideSuffix); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "delete from tracking.position_late where fix_time >= $1 and fix_time < $2", s.start(), s.end()); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "delete from tracking.position_day where day = $1", s.start())
		return err
	})
}
