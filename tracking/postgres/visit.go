package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"waybill/tracking"
)

// selectVisits pairs each arrival that begins a visit with the departure that comes
// next. An arrival that states again what holds already (a second device came into the
// zone that the vehicle was in) begins none; at one moment leaving comes before
// arriving. Each is looked up by an index, so that the cost is of what is asked for,
// and not of all that the vehicle ever did.
const selectVisits = `
with recursive zone_of (id) as (
    select min(zone_id) from tracking.transition where vehicle_id = $1
    union all
    select (select min(zone_id) from tracking.transition where vehicle_id = $1 and zone_id > zone_of.id)
    from zone_of where zone_of.id is not null
), under_way as (
    select zone_of.id as zone_id, begun.time as arrived
    from zone_of cross join lateral (
        select coalesce(max(time), '-infinity') as time from tracking.transition
        where vehicle_id = $1 and zone_id = zone_of.id and kind = 'departed' and time < $2
    ) gone cross join lateral (
        select min(time) as time from tracking.transition
        where vehicle_id = $1 and zone_id = zone_of.id and kind = 'arrived' and time >= gone.time and time < $2
    ) begun
    where begun.time is not null
), begun as (
    select a.zone_id, a.time as arrived
    from tracking.transition a join tracking.zone z on z.id = a.zone_id cross join lateral (
        select max(time) as time from tracking.transition
        where vehicle_id = $1 and zone_id = a.zone_id and kind = 'arrived' and time < a.time
    ) before cross join lateral (
        select max(time) as time from tracking.transition
        where vehicle_id = $1 and zone_id = a.zone_id and kind = 'departed' and time <= a.time
    ) gone
    where a.vehicle_id = $1 and a.kind = 'arrived' and a.time >= $2 and a.time < $3 and (a.time, z.uid) > ($4, $5)
    and (before.time is null or gone.time > before.time)
    and not exists (
        select from tracking.transition twin
        where vehicle_id = $1 and zone_id = a.zone_id and kind = 'arrived' and time = a.time and twin.device_id < a.device_id
    )
    order by a.time, z.uid limit $6
)
select z.uid, coalesce(z.owner, ''), visit.arrived, (
    select min(time) from tracking.transition
    where vehicle_id = $1 and zone_id = visit.zone_id and kind = 'departed' and time > visit.arrived
)
from (select * from under_way union all select * from begun) visit join tracking.zone z on z.id = visit.zone_id
where visit.arrived < $3 and (visit.arrived, z.uid) > ($4, $5)
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
	if page.Arrived.After(from) {
		from = page.Arrived // what began before was on an earlier page
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

// ZoneNames gives what people call the zones with the uids.
func (h *History) ZoneNames(ctx context.Context, uids []string) (map[string]string, error) {
	names := make(map[string]string, len(uids))
	if len(uids) == 0 {
		return names, nil
	}
	rows, _ := h.pool.Query(ctx, "select uid, display_name from tracking.zone where uid = any($1)", uids) // collecting returns its error
	var uid, name string
	_, err := pgx.ForEachRow(rows, []any{&uid, &name}, func() error {
		names[uid] = name
		return nil
	})
	return names, failed("name zones", err)
}
