package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"waybill/tracking"
)

// selectVisits pairs each arrival with the departure that comes next. What states
// again what holds already (a second device came into the zone that the vehicle was
// in) is left out first, and at one moment leaving comes before arriving.
const selectVisits = `
with change as (
    select zone_id, time, kind, lag(kind) over (partition by zone_id order by time, kind desc) as before
    from tracking.transition where vehicle_id = $1
), visit as (
    select zone_id, kind, time as arrived, lead(time) over (partition by zone_id order by time, kind desc) as departed
    from change where kind is distinct from before
)
select z.uid, coalesce(z.owner, ''), visit.arrived, visit.departed
from visit join tracking.zone z on z.id = visit.zone_id
where visit.kind = 'arrived' and visit.arrived < $3 and (visit.departed is null or visit.departed >= $2)
and (visit.arrived, z.uid) > ($4, $5)
order by visit.arrived, z.uid limit $6`

// Visits lists the visits of the vehicle that overlap the time.
func (h *History) Visits(ctx context.Context, vehicle string, from, to time.Time, page tracking.VisitPage) ([]tracking.Visit, error) {
	key, err := h.key(ctx, "vehicle", vehicle)
	if err != nil {
		return nil, err
	}
	size := &page.Size
	if page.Size <= 0 {
		size = nil // no limit
	}
	rows, _ := h.pool.Query(ctx, selectVisits, key,
		orInfinity(from, pgtype.NegativeInfinity), orInfinity(to, pgtype.Infinity),
		orInfinity(page.Arrived, pgtype.NegativeInfinity), page.Zone, size)
	visits, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (tracking.Visit, error) {
		visit := tracking.Visit{Vehicle: vehicle}
		var departed *time.Time
		if err := row.Scan(&visit.Zone, &visit.Owner, &visit.Arrived, &departed); err != nil {
			return visit, err
		}
		visit.Arrived = visit.Arrived.UTC()
		if departed != nil {
			visit.Departed = departed.UTC()
		}
		return visit, nil
	})
	return visits, failed("list visits", err)
}
