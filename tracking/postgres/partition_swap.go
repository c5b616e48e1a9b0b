package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// movesBefore is how often rows are moved before the swap: the second time takes what
// came during the first.
const movesBefore = 2

// moveLate moves what the trigger noted into the table aside. Each row is looked up by
// its key: there are few beside those of the day. What was copied already stays as it
// is. It is followed by a statement that uses how many were gone and moved.
func (s *sealing) moveLate() string {
	return fmt.Sprintf(`
with gone as (
    delete from tracking.position_late where fix_time >= '%s' and fix_time < '%s' returning device_id, fix_time
), moved as (
    insert into %s (%s)
    select p.* from gone cross join lateral (
        select %s from %s q where q.device_id = gone.device_id and q.fix_time = gone.fix_time offset 0
    ) p
    on conflict (device_id, fix_time) do nothing
    returning 1
)`, literal(s.day.start()), literal(s.day.end()), s.aside(), copyColumns, copyColumns, s.table())
}

// move moves what has come so far, while nobody waits.
func (s *sealing) move(ctx context.Context) error {
	var moved int64
	err := s.conn.QueryRow(ctx, s.moveLate()+`, counted as (
    update tracking.position_day set late_rows = late_rows + (select count(*) from gone) where day = $1
)
select count(*) from moved`, s.day.start()).Scan(&moved)
	s.rows += moved
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
	began := time.Now()
	// All goes out at once: nobody waits for our round trips. Locks are taken as those
	// who write do: the whole, then the day.
	name := s.day.name()
	_, err := s.conn.Exec(ctx, strings.Join([]string{
		"begin",
		"lock table only tracking.position in access exclusive mode",
		fmt.Sprintf("lock table %s in access exclusive mode", s.table()),
		s.moveLate() + fmt.Sprintf(`
update tracking.position_day set sealed_time = now(), sealed_rows = %d + (select count(*) from moved), late_rows = 0
where day = '%s'`, s.rows, s.day.start().Format(time.DateOnly)),
		fmt.Sprintf("alter table tracking.position detach partition %s", s.table()),
		fmt.Sprintf("drop table %s", s.table()),
		fmt.Sprintf("alter table %s rename to %s", s.aside(), name),
		fmt.Sprintf("alter index tracking.%s rename to %s_pkey", s.index("_pkey"), name),
		fmt.Sprintf("alter index tracking.%s rename to %s%s", s.index(nearSuffix), name, nearSuffix),
		s.day.attach(),
		fmt.Sprintf("alter table %s drop constraint %s", s.table(), s.index("_day")),
		createLateTrigger(s.table()),
		"commit",
	}, ";\n"), pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		rollback(ctx, s.conn)
		return err
	}
	s.logger.DebugContext(ctx, "sealing", slog.String("step", "swap"), slog.Duration("took", time.Since(began)))
	return nil
}

// rollback ends a transaction that failed.
func rollback(ctx context.Context, conn *pgx.Conn) {
	if conn.IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	_, _ = conn.Exec(ctx, "rollback") // when that fails, the connection does
}
