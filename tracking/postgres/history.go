package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/tracking"
)

// History reads what is stored of motion. It is a [tracking.Tracks], [tracking.Near],
// [tracking.Journeys], [tracking.Positions], [tracking.Fleet], [tracking.Past] and
// [tracking.Visits].
type History struct {
	pool *pgxpool.Pool
}

// NewHistory returns the history in the database.
func NewHistory(pool *pgxpool.Pool) *History { return &History{pool: pool} }

// FixPage lists fixes of a device by time.
func (h *History) FixPage(ctx context.Context, query tracking.FixQuery) ([]tracking.Report, error) {
	device, err := h.key(ctx, "device", query.Device)
	if err != nil {
		return nil, err
	}
	from, to, order := orInfinity(query.From, pgtype.NegativeInfinity), orInfinity(query.To, pgtype.Infinity), "asc"
	switch {
	case query.Descending:
		order = "desc"
		if !query.After.IsZero() && (query.To.IsZero() || query.After.Before(query.To)) {
			to = moment(query.After)
		}
	case !query.After.IsZero() && !query.After.Before(query.From):
		from = moment(query.After.Add(tracking.Resolution))
	}
	columns := fixColumns
	if query.Bare {
		columns = bareFixColumns
	}
	rows, _ := h.pool.Query(ctx, "select "+columns+", source from tracking.position"+ // collecting returns its error
		" where device_id = $1 and fix_time >= $2 and fix_time < $3 order by fix_time "+order+" limit $4",
		device, from, to, query.Size)
	reports, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (tracking.Report, error) {
		var fix fixRow
		report := tracking.Report{Device: query.Device}
		if err := row.Scan(append(fix.targets(), &report.Source)...); err != nil {
			return report, err
		}
		report.Fix, report.Received = fix.fix(), fix.receivedTime()
		return report, nil
	})
	return reports, failed("list fixes", err)
}

// key is the key of the device or vehicle with the uid.
func (h *History) key(ctx context.Context, table, uid string) (int64, error) {
	var id int64
	err := h.pool.QueryRow(ctx, "select id from tracking."+table+" where uid = $1", uid).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, tracking.ErrNotFound
	}
	return id, failed("find "+table, err)
}

func moment(t time.Time) pgtype.Timestamptz { return pgtype.Timestamptz{Time: t, Valid: true} }

// orInfinity is the time, or the infinity when it is zero: partitions are left out
// by the planner for it as for any other.
func orInfinity(t time.Time, infinity pgtype.InfinityModifier) pgtype.Timestamptz {
	if t.IsZero() {
		return pgtype.Timestamptz{InfinityModifier: infinity, Valid: true}
	}
	return moment(t)
}
