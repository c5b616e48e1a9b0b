package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"waybill/tracking"
)

// PrimaryFittings lists the primary fittings of the vehicle that overlap the time.
func (h *History) PrimaryFittings(ctx context.Context, vehicle string, from, to time.Time) ([]tracking.Fitting, error) {
	key, err := h.key(ctx, "vehicle", vehicle)
	if err != nil {
		return nil, err
	}
	rows, _ := h.pool.Query(ctx, `
select d.uid, f.from_time, f.to_time
from tracking.fitting f join tracking.device d on d.id = f.device_id
where f.vehicle_id = $1 and f.is_primary and f.from_time < $3 and f.to_time > $2
order by f.from_time`, key, orInfinity(from, pgtype.NegativeInfinity), orInfinity(to, pgtype.Infinity))
	fittings, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (tracking.Fitting, error) {
		fitting := tracking.Fitting{Vehicle: vehicle, Primary: true}
		var begin, end pgtype.Timestamptz
		err := row.Scan(&fitting.Device, &begin, &end)
		// What is infinite has the zero time, and means no bound.
		fitting.From, fitting.To = begin.Time.UTC(), end.Time.UTC()
		return fitting, err
	})
	return fittings, failed("list fittings", err)
}
