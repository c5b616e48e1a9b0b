package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	asideSuffix = "_aside"
	nearSuffix  = "_near"
	lateTrigger = "note_late_position"
	// slice is how many rows of a day are copied at a time. What a slice writes to the
	// log of the server has to reach the disk before the commits that come after it: so
	// it is no more than theirs are.
	slice = 500
)

// sealing is one day on its way to be sealed.
type sealing struct {
	conn   *pgx.Conn
	day    span
	share  float64 // of the time, that it works
	logger *slog.Logger
	rows   int64 // in the table aside
}

func (s *sealing) table() string { return s.day.table() }
func (s *sealing) aside() string { return s.day.table() + asideSuffix }

// begin has the trigger note what comes from now on, and removes what an attempt
// that broke off left behind. Whoever wrote to the day before the trigger was there
// has committed when it is, because making it waits for them.
func (s *sealing) begin(ctx context.Context, p *Partitions) error {
	if err := s.discard(ctx); err != nil {
		return err
	}
	_, err := s.conn.Exec(ctx, "insert into tracking.position_day (day) values ($1) on conflict do nothing", s.day.start())
	if err != nil {
		return err
	}
	var noted bool
	err = s.conn.QueryRow(ctx, "select exists (select from pg_trigger where tgrelid = to_regclass($1) and tgname = $2)",
		s.table(), lateTrigger).Scan(&noted)
	if err != nil || noted {
		return err
	}
	return p.patiently(ctx, s.conn, func() error {
		_, err := s.conn.Exec(ctx, createLateTrigger(s.table()))
		return err
	})
}

func createLateTrigger(table string) string {
	return fmt.Sprintf("create trigger %s after insert on %s for each row execute function tracking.note_late_position()", lateTrigger, table)
}

// write fills the table aside, indexes it, and lets the server know what is in it. It
// takes no lock that others wait for, and so it waits for its own as long as they take.
func (s *sealing) write(ctx context.Context) error {
	if _, err := s.conn.Exec(ctx, "select set_config('lock_timeout', '0', false)"); err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"forget what was late before", s.forgetLate},
		{"make a table aside", s.create},
		{"copy", s.copy},
		{"index places", s.indexPlaces},
		{"vacuum", s.vacuum},
	} {
		began := time.Now()
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		s.logger.DebugContext(ctx, "sealing", slog.String("step", step.name), slog.Duration("took", time.Since(began)))
	}
	return nil
}

// forgetLate counts the keys that the trigger noted so far and removes them: each was
// committed with its row, so whoever copies from now on sees that.
func (s *sealing) forgetLate(ctx context.Context) error {
	_, err := s.conn.Exec(ctx, `
		with gone as (delete from tracking.position_late where fix_time >= $2 and fix_time < $3 returning 1)
		update tracking.position_day set late_rows = late_rows + (select count(*) from gone) where day = $1`,
		s.day.start(), s.day.start(), s.day.end())
	return err
}

// create makes the table aside with its key, which rows that come in its order fill
// tightly. The check saves attaching it from reading it.
func (s *sealing) create(ctx context.Context) error {
	return pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		return execAll(ctx, tx,
			fmt.Sprintf(`create table %s (like tracking.position including all excluding indexes,
				constraint %s check (fix_time >= timestamptz '%s' and fix_time < timestamptz '%s'),
				constraint %s primary key (device_id, fix_time))`,
				s.aside(), s.index("_day"), literal(s.day.start()), literal(s.day.end()), s.index("_pkey")),
			// It is vacuumed when it is full, and not before.
			fmt.Sprintf("alter table %s set (autovacuum_enabled = off)", s.aside()))
	})
}

// copy fills the table aside in the order of the key, a slice after the other. Each is
// a transaction of its own, so that nothing old is kept from being vacuumed elsewhere,
// and the pauses between them are for those who commit.
func (s *sealing) copy(ctx context.Context) error {
	statement := fmt.Sprintf(`
with slice as (
    insert into %s (%s)
    select %s from %s where (device_id, fix_time) > ($1, $2) order by device_id, fix_time limit %d
    returning device_id, fix_time
)
select device_id, fix_time, (select count(*) from slice) from slice order by device_id desc, fix_time desc limit 1`,
		s.aside(), copyColumns, copyColumns, s.table(), slice)
	device, fixTime, copied := int64(math.MinInt64), s.day.start(), int64(slice)
	for copied == slice {
		began := time.Now()
		err := s.conn.QueryRow(ctx, statement, device, fixTime).Scan(&device, &fixTime, &copied)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		s.rows += copied
		if err := s.rest(ctx, time.Since(began)); err != nil {
			return err
		}
	}
	return nil
}

// rest pauses after work, so that only the share of the time is worked.
func (s *sealing) rest(ctx context.Context, worked time.Duration) error {
	pause := time.NewTimer(time.Duration(float64(worked) * (1/s.share - 1)))
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-pause.C:
		return nil
	}
}

// indexPlaces is done at once: an index that is built from sorted entries is smaller
// and quicker to read than one that grew. A B-tree over cells is as fast as GiST over
// points or faster, also where vehicles crowd, built in a third of the time, and three
// quarters of its size.
func (s *sealing) indexPlaces(ctx context.Context) error {
	_, err := s.conn.Exec(ctx, fmt.Sprintf("create index %s on %s (tracking.cell(geom), fix_time)", s.index(nearSuffix), s.aside()))
	return err
}

// vacuum leaves nothing to do for later: nothing of the table will change. It pauses
// by itself.
func (s *sealing) vacuum(ctx context.Context) error {
	for _, statement := range []string{
		fmt.Sprintf("alter table %s reset (autovacuum_enabled)", s.aside()),
		fmt.Sprintf("vacuum (freeze, analyze) %s", s.aside()),
	} {
		if _, err := s.conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// index is the name of an index or a constraint of the table aside.
func (s *sealing) index(suffix string) string { return s.day.name() + asideSuffix + suffix }

// discard removes the table aside.
func (s *sealing) discard(ctx context.Context) error {
	if s.conn.IsClosed() {
		return nil // as it is when the context has ended; the next attempt does it
	}
	_, err := s.conn.Exec(ctx, "drop table if exists "+s.aside())
	return err
}
