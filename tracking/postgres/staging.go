package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// The staging table is of the session, and empty between transactions.
const (
	createStaging = `
create temporary table if not exists position_staging
    (ordinal integer not null, like tracking.position) on commit delete rows`

	copyStaging = "copy pg_temp.position_staging (ordinal, " + copyColumns + ") from stdin (format binary)"

	// insertStaged stores the first of each key, unless the key is there.
	insertStaged = `
insert into tracking.position (` + copyColumns + `)
select distinct on (device_id, fix_time) ` + copyColumns + ` from pg_temp.position_staging
order by device_id, fix_time, ordinal
on conflict (device_id, fix_time) do nothing
returning device_id, fix_time`

	// compareStaged says of each staged row whether it is what is stored. When it
	// was received and by which road doesn't make it another fix. The subquery is
	// not flattened (offset 0), so that each row looks up its key; the bounds are
	// for the planner, who leaves out the days that no row is of.
	compareStaged = `
select s.ordinal,
    p.geom = s.geom
    and (p.altitude, p.speed, p.course, p.accuracy, p.satellites, p.attributes)
        is not distinct from (s.altitude, s.speed, s.course, s.accuracy, s.satellites, s.attributes)
from pg_temp.position_staging s cross join lateral (
    select * from tracking.position p
    where p.device_id = s.device_id and p.fix_time = s.fix_time and p.fix_time between $1 and $2 offset 0
) p`
)

// key is what makes a fix unique.
type key struct {
	device       int64
	microseconds int64
}

// stageRest stores what may be there already by way of a staging table, and finds
// out which of it was new, which the same, which different.
func (t *transaction) stageRest(ctx context.Context) error {
	if !t.hasRest() {
		return nil
	}
	if _, err := t.conn.Exec(ctx, createStaging); err != nil {
		return err
	}
	if err := t.copyStaged(ctx); err != nil {
		return err
	}
	inserted := make(map[key]struct{})
	var queries pgx.Batch
	queries.Queue(insertStaged).Query(func(rows pgx.Rows) error {
		return t.collectInserted(rows, inserted)
	})
	first, last := t.batch.span(isRest)
	queries.Queue(compareStaged, first, last).Query(t.scanCompared)
	if err := t.conn.SendBatch(ctx, &queries).Close(); err != nil {
		return err
	}
	t.markLate(inserted)
	return nil
}

func (t *transaction) hasRest() bool {
	for range t.batch.rows(isRest) {
		return true
	}
	return false
}

func (t *transaction) copyStaged(ctx context.Context) error {
	buffer := t.store.buffers.Get().(*copyBuffer) //nolint:errcheck,forcetypeassert // nothing else is in the pool
	defer t.store.buffers.Put(buffer)
	buffer.begin(len(t.batch.records))
	for row := range t.batch.rows(isRest) {
		buffer.staged(row, &t.batch.records[row])
	}
	buffer.end()
	return buffer.send(ctx, t.conn.PgConn(), copyStaging)
}

func (t *transaction) collectInserted(rows pgx.Rows, inserted map[key]struct{}) error {
	var device int64
	var fixTime time.Time
	_, err := pgx.ForEachRow(rows, []any{&device, &fixTime}, func() error {
		inserted[key{device, microseconds(fixTime)}] = struct{}{}
		return nil
	})
	return err
}

func (t *transaction) scanCompared(rows pgx.Rows) error {
	var ordinal int
	var same bool
	_, err := pgx.ForEachRow(rows, []any{&ordinal, &same}, func() error {
		t.batch.fates[ordinal] = isConflict
		if same {
			t.batch.fates[ordinal] = isDuplicate
		}
		return nil
	})
	return err
}

// markLate finds the records that were inserted: the first of each such key.
func (t *transaction) markLate(inserted map[key]struct{}) {
	for i := range t.batch.devices {
		d := &t.batch.devices[i]
		for _, row := range d.rows { // in order of arrival where the time is the same
			k := key{d.id, microseconds(t.batch.records[row].Fix.Time)}
			if _, ok := inserted[k]; ok && t.batch.fates[row] != isNew {
				t.batch.fates[row] = isLate
				delete(inserted, k)
			}
		}
	}
}
