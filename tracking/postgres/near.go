package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"waybill/tracking"
)

const (
	// nearTimeout is how long the server works on one question.
	nearTimeout = 20 * time.Second
	// maxCells is up to how many cells are looked up one by one, each for the time
	// that is asked about; of more, whole runs are read.
	maxCells = 256
	// nearTries is how often days are listed anew when one of them has gone.
	nearTries = 3
)

// How the fixes near a place are found in a day's table (%[1]s), with $1 and $2 the
// center, $3 and $4 the time, and the cells from $9 on.
const (
	fixesAway = `select p.device_id, p.fix_time, tracking.distance(p.geom, $1, $2) as away from %[1]s p
    where p.fix_time >= $3 and p.fix_time < $4 and `

	// A sealed day has an index over cells and times.
	nearByCell = fixesAway + `tracking.cell(p.geom) = any ($9::integer[])`
	nearByRun  = `select p.* from unnest($9::integer[], $10::integer[]) run (first, last) cross join lateral (
    ` + fixesAway + `tracking.cell(p.geom) between run.first and run.last offset 0
) p`

	// Any other has its key and nothing else: each device's fixes of the time are
	// looked at. That costs as many lookups as there are devices, and the fixes that
	// all of them made in the time, wherever they were.
	nearByDevice = `select p.* from tracking.device d cross join lateral (
    ` + fixesAway + `p.device_id = d.id offset 0
) p`
)

// passagesQuery gathers what was found in the days (%s) by device and vehicle.
const passagesQuery = `
with passage as (
    select p.device_id, f.vehicle_id, count(*) as fixes, min(p.fix_time) as first, max(p.fix_time) as last,
        min(p.away) as closest, (array_agg(p.fix_time order by p.away, p.fix_time))[1] as closest_time
    from (
%s
    ) p
    left join tracking.fitting f on f.device_id = p.device_id and f.from_time <= p.fix_time and p.fix_time < f.to_time
    where p.away <= $5
    group by p.device_id, f.vehicle_id
)
select d.uid, coalesce(v.uid, ''), coalesce(nullif(v.display_name, ''), v.uid, nullif(d.display_name, ''), d.uid),
    first, last, fixes, closest, closest_time
from passage p join tracking.device d on d.id = p.device_id left join tracking.vehicle v on v.id = p.vehicle_id
where (d.uid, first) > ($6, $7)
order by d.uid, first limit $8`

// Passages lists who was near a place. Days that are sealed are asked by their index
// over places, others device by device.
func (h *History) Passages(ctx context.Context, query tracking.NearQuery) ([]tracking.Passage, error) {
	if err := query.Check(); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		passages, err := h.passages(ctx, query)
		if code(err) == codeUndefinedTable && try < nearTries {
			continue // a day was dropped after it was listed
		}
		if code(err) == codeQueryCanceled && ctx.Err() == nil {
			return nil, tracking.ErrTooMuch
		}
		return passages, failed("list passages", err)
	}
}

func (h *History) passages(ctx context.Context, query tracking.NearQuery) ([]tracking.Passage, error) {
	conn, err := h.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	tables, err := tablesBetween(ctx, conn.Conn(), query.From, query.To)
	if err != nil || len(tables) == 0 {
		return nil, err
	}
	text, arguments := nearStatement(tables, query)
	limit := fmt.Sprintf("set local statement_timeout = %d", nearTimeout.Milliseconds())
	if len(tables) == 1 {
		return askOnce(ctx, conn.Conn(), limit, text, arguments)
	}
	return askMany(ctx, conn.Conn(), limit, text, arguments)
}

// askOnce asks in one round trip, with a statement that the server remembers: there is
// one for each day, and mostly it is one day that is asked about.
func askOnce(ctx context.Context, conn *pgx.Conn, limit, text string, arguments []any) (passages []tracking.Passage, err error) {
	var queries pgx.Batch
	queries.Queue("begin read only")
	queries.Queue(limit)
	queries.Queue(text, arguments...).Query(func(rows pgx.Rows) (err error) {
		passages, err = pgx.CollectRows(rows, scanPassage)
		return err
	})
	queries.Queue("commit")
	if err = conn.SendBatch(ctx, &queries).Close(); err != nil {
		rollback(ctx, conn)
	}
	return passages, err
}

// askMany asks with a statement that the server doesn't remember: there are as many as
// there are times that somebody may ask about.
func askMany(ctx context.Context, conn *pgx.Conn, limit, text string, arguments []any) ([]tracking.Passage, error) {
	if _, err := conn.Exec(ctx, "begin read only; "+limit, pgx.QueryExecModeSimpleProtocol); err != nil {
		return nil, err
	}
	defer rollback(ctx, conn)
	rows, _ := conn.Query(ctx, text, append([]any{pgx.QueryExecModeExec}, arguments...)...) // collecting returns its error
	return pgx.CollectRows(rows, scanPassage)
}

// nearStatement is the question about the tables.
func nearStatement(tables []positionTable, query tracking.NearQuery) (text string, arguments []any) {
	after := pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
	if !query.Page.First.IsZero() {
		after = moment(query.Page.First)
	}
	arguments = []any{
		query.Center.Lon(), query.Center.Lat(), query.From, query.To,
		query.Radius, query.Page.Device, after, query.Page.Size,
	}
	var sealed string
	var places []any
	days := make([]string, len(tables))
	for i, t := range tables {
		how := nearByDevice
		if t.sealed {
			if sealed == "" {
				sealed, places = nearSealed(query)
			}
			how = sealed
		}
		days[i] = fmt.Sprintf(how, "tracking."+t.name)
	}
	return fmt.Sprintf(passagesQuery, strings.Join(days, "\nunion all\n")), append(arguments, places...)
}

// nearSealed is how sealed days are asked, and the cells.
func nearSealed(query tracking.NearQuery) (how string, places []any) {
	runs := cellsAround(query.Center, query.Radius)
	if numbers := each(runs, maxCells); numbers != nil {
		return nearByCell, []any{numbers}
	}
	var first, last []int32
	for _, run := range runs {
		first, last = append(first, run.first), append(last, run.last)
	}
	return nearByRun, []any{first, last}
}

func scanPassage(row pgx.CollectableRow) (p tracking.Passage, err error) {
	err = row.Scan(&p.Device, &p.Vehicle, &p.DisplayName, &p.First, &p.Last, &p.Fixes, &p.Closest, &p.ClosestTime)
	p.First, p.Last, p.ClosestTime = p.First.UTC(), p.Last.UTC(), p.ClosestTime.UTC()
	return p, err
}

// positionTable is a partition of tracking.position.
type positionTable struct {
	name   string
	sealed bool // so it has an index over places
}

// tablesBetween are the partitions that have positions of the time, from inclusive and
// to exclusive.
func tablesBetween(ctx context.Context, conn *pgx.Conn, from, to time.Time) ([]positionTable, error) {
	rows, _ := conn.Query(ctx, `
select c.relname, to_regclass('tracking.' || c.relname || '`+nearSuffix+`') is not null
from pg_class c join pg_inherits i on i.inhrelid = c.oid
where c.relnamespace = 'tracking'::regnamespace and c.relname = any ($1)
and i.inhparent = 'tracking.position'::regclass and not i.inhdetachpending
order by c.relname`, spansBetween(from, to)) // collecting returns its error
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t positionTable, err error) {
		err = row.Scan(&t.name, &t.sealed)
		return t, err
	})
}
