package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

const (
	asideSuffix = "_aside"
	nearSuffix  = "_near"
	lateTrigger = "note_late_position"
	// movesBefore is how often rows are moved before the swap: the second time takes
	// what came during the first.
	movesBefore = 2
)

// sealing is one day on its way to be sealed.
type sealing struct {
	conn   *pgx.Conn
	number int64
	rows   int64 // in the table aside
}

func (s *sealing) table() string { return dayTable(s.number) }
func (s *sealing) aside() string { return dayTable(s.number) + asideSuffix }

// begin has the trigger note what comes from now on, and removes what an attempt
// that broke off left behind. Whoever wrote to the day before the trigger was there
// has committed when it is, because making it waits for them.
func (s *sealing) begin(ctx context.Context, p *Partitions) error {
	if err := s.discard(ctx); err != nil {
		return err
	}
	_, err := s.conn.Exec(ctx, "insert into tracking.position_day (day) values ($1) on conflict do nothing", dayStart(s.number))
	if err != nil {
		return err
	}
	var noted bool
	err = s.conn.QueryRow(ctx, "select exists (select from pg_trigger where tgrelid = to_regclass($1) and tgname = $2)",
		s.table(), lateTrigger).Scan(&noted)
	if err != nil || noted {
		return err
	}
	return p.patiently(ctx, func() error {
		_, err := s.conn.Exec(ctx, createLateTrigger(s.table()))
		return err
	})
}

func createLateTrigger(table string) string {
	return fmt.Sprintf("create trigger %s after insert on %s for each row execute function tracking.note_late_position()", lateTrigger, table)
}

// write fills the table aside. What the trigger noted before is among the rows; to
// know which, all is done with one snapshot.
func (s *sealing) write(ctx context.Context) error {
	err := pgx.BeginTxFunc(ctx, s.conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
		// The check saves attaching it from reading it.
		err := execAll(ctx, tx, fmt.Sprintf(`create table %s (like tracking.position including all excluding indexes,
			constraint %s check (fix_time >= timestamptz '%s' and fix_time < timestamptz '%s'))`,
			s.aside(), s.index("_day"), literal(dayStart(s.number)), literal(dayStart(s.number+1))))
		if err != nil {
			return err
		}
		written, err := tx.Exec(ctx, fmt.Sprintf("insert into %s (%s) select %s from %s order by device_id, fix_time",
			s.aside(), copyColumns, copyColumns, s.table()))
		if err != nil {
			return err
		}
		s.rows = written.RowsAffected()
		_, err = tx.Exec(ctx, `
			with gone as (delete from tracking.position_late where fix_time >= $2 and fix_time < $3 returning 1)
			update tracking.position_day set late_rows = late_rows + (select count(*) from gone) where day = $1`,
			dayStart(s.number), dayStart(s.number), dayStart(s.number+1))
		if err != nil {
			return err
		}
		return execAll(ctx, tx,
			fmt.Sprintf("alter table %s add constraint %s primary key (device_id, fix_time)", s.aside(), s.index("_pkey")),
			// A B-tree over cells: as fast as GiST over points or faster, also where vehicles
			// crowd, built in a third of the time, and three quarters of its size.
			fmt.Sprintf("create index %s on %s (tracking.cell(geom), fix_time)", s.index(nearSuffix), s.aside()),
		)
	})
	if err != nil {
		return err
	}
	// Nothing of it will change: it is not to be looked through again later.
	_, err = s.conn.Exec(ctx, fmt.Sprintf("vacuum (freeze, analyze) %s", s.aside()))
	return err
}

// index is the name of an index or a constraint of the table aside.
func (s *sealing) index(suffix string) string { return dayName(s.number) + asideSuffix + suffix }

// catchUp moves what the trigger noted into the table aside, and says how many rows
// that was. Each is looked up by its key: there are few beside those of the day.
func (s *sealing) catchUp(ctx context.Context, tx pgx.Tx) (moved int64, err error) {
	err = tx.QueryRow(ctx, fmt.Sprintf(`
with gone as (
    delete from tracking.position_late where fix_time >= $2 and fix_time < $3 returning device_id, fix_time
), moved as (
    insert into %s (%s)
    select p.* from gone cross join lateral (
        select %s from %s q where q.device_id = gone.device_id and q.fix_time = gone.fix_time offset 0
    ) p
    on conflict (device_id, fix_time) do nothing
    returning 1
), counted as (
    update tracking.position_day set late_rows = late_rows + (select count(*) from gone) where day = $1
)
select count(*) from moved`, s.aside(), copyColumns, copyColumns, s.table()),
		dayStart(s.number), dayStart(s.number), dayStart(s.number+1)).Scan(&moved)
	return moved, err
}

// move moves what has come so far, while nobody waits.
func (s *sealing) move(ctx context.Context) error {
	var moved int64
	err := pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) (err error) {
		moved, err = s.catchUp(ctx, tx)
		return err
	})
	if err == nil {
		s.rows += moved
	}
	return err
}

// swap puts the table aside into the place of the day's, in one transaction that
// holds out everybody else for some milliseconds. The most of what came since the
// table was written is moved before, so that few rows are left for then.
func (s *sealing) swap(ctx context.Context) error {
	for range movesBefore {
		if err := s.move(ctx); err != nil {
			return err
		}
	}
	var moved int64
	err := pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) (err error) {
		// Locks are taken as those who write do: the whole, then the day.
		err = execAll(ctx, tx, "lock table only tracking.position in access exclusive mode",
			fmt.Sprintf("lock table %s in access exclusive mode", s.table()))
		if err != nil {
			return err
		}
		if moved, err = s.catchUp(ctx, tx); err != nil {
			return err
		}
		err = execAll(ctx, tx,
			fmt.Sprintf("alter table tracking.position detach partition %s", s.table()),
			fmt.Sprintf("drop table %s", s.table()),
			fmt.Sprintf("alter table %s rename to %s", s.aside(), dayName(s.number)),
			fmt.Sprintf("alter index tracking.%s rename to %s_pkey", s.index("_pkey"), dayName(s.number)),
			fmt.Sprintf("alter index tracking.%s rename to %s%s", s.index(nearSuffix), dayName(s.number), nearSuffix),
			attachDay(s.number),
			fmt.Sprintf("alter table %s drop constraint %s", s.table(), s.index("_day")),
			createLateTrigger(s.table()),
		)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "update tracking.position_day set sealed_time = now(), sealed_rows = $2, late_rows = 0 where day = $1",
			dayStart(s.number), s.rows+moved)
		return err
	})
	if err == nil {
		s.rows += moved
	}
	return err
}

// discard removes the table aside.
func (s *sealing) discard(ctx context.Context) error {
	if s.conn.IsClosed() {
		return nil // as it is when the context has ended; the next attempt does it
	}
	_, err := s.conn.Exec(ctx, "drop table if exists "+s.aside())
	return err
}
