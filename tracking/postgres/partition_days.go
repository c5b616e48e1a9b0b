package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// DayState is what has been done with a day.
type DayState string

// The states of a day.
const (
	// DayOpen is as its fixes came: it has not been sealed yet.
	DayOpen DayState = "open"
	// DaySealed is sorted and has the index over places.
	DaySealed DayState = "sealed"
	// DayLate is sealed, and fixes have come since.
	DayLate DayState = "late"
	// DayDetached is no part of the history any more and about to be dropped.
	DayDetached DayState = "detached"
)

// Day is one partition of the positions: a day, or a year that is far back, which
// stays open.
type Day struct {
	Start time.Time // in UTC
	End   time.Time // exclusive
	State DayState
	// SealedTime is when it was last sealed; zero when it was not.
	SealedTime time.Time
	// Rows is how many fixes it has: an estimate while it is open, from the server's
	// statistics.
	Rows int64
	// LateRows is how many of them came since it was sealed.
	LateRows int64
	// TableBytes and IndexBytes are what it takes on the disk.
	TableBytes, IndexBytes int64

	// pending says that detaching was begun and not finished.
	pending bool
	span    span
}

// String is how people write the day, 2026-03-02, or the year, 2008.
func (d Day) String() string { return d.span.String() }

// IsYear says whether it is a year.
func (d Day) IsYear() bool { return d.span.isYear() }

// daysQuery reads the tables that are there, whatever position_day says: an index
// over places makes a day sealed.
const daysQuery = `
select c.relname, i.inhrelid is not null, coalesce(i.inhdetachpending, false),
    to_regclass('tracking.' || c.relname || '` + nearSuffix + `') is not null,
    d.sealed_time, coalesce(d.sealed_rows, 0), coalesce(d.late_rows, 0) + coalesce(l.rows, 0),
    greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::bigint,
    coalesce(pg_table_size(c.oid), 0), coalesce(pg_indexes_size(c.oid), 0)
from pg_class c
left join pg_inherits i on i.inhrelid = c.oid and i.inhparent = 'tracking.position'::regclass
left join tracking.position_day d on to_char(d.day, '"position_"YYYYMMDD') = c.relname
left join (
    select to_char(fix_time at time zone 'UTC', '"position_"YYYYMMDD') as relname, count(*) as rows
    from tracking.position_late group by 1
) l on l.relname = c.relname
where c.relnamespace = 'tracking'::regnamespace and c.relkind = 'r' and c.relname ~ '^position_[0-9]{4}([0-9]{4})?$'
order by c.relname`

// Days lists the days by time.
func (p *Partitions) Days(ctx context.Context) ([]Day, error) {
	rows, _ := p.pool.Query(ctx, daysQuery) // collecting returns its error
	days, err := pgx.CollectRows(rows, scanDay)
	return days, failed("list the days of positions", err)
}

func scanDay(row pgx.CollectableRow) (Day, error) {
	var (
		d                     Day
		name                  string
		attached, sealed      bool
		sealedTime            *time.Time
		sealedRows, estimated int64
	)
	err := row.Scan(&name, &attached, &d.pending, &sealed, &sealedTime, &sealedRows, &d.LateRows,
		&estimated, &d.TableBytes, &d.IndexBytes)
	if err != nil {
		return d, err
	}
	if d.span, err = spanNamed(name); err != nil {
		return d, err
	}
	d.Start, d.End = d.span.start(), d.span.end()
	d.State, d.Rows = DayOpen, estimated
	if sealed && sealedTime != nil {
		d.State, d.Rows, d.SealedTime = DaySealed, sealedRows+d.LateRows, sealedTime.UTC()
	} else {
		d.LateRows = 0
	}
	if d.LateRows > 0 {
		d.State = DayLate
	}
	if !attached || d.pending {
		d.State = DayDetached
	}
	return d, nil
}
