package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"waybill/tracking"
)

// PositionAt is where the vehicle was last seen at the time or before; the zero time
// is now.
func (h *History) PositionAt(ctx context.Context, vehicle string, at time.Time) (tracking.Position, error) {
	rows, _ := h.pool.Query(ctx, "select "+subjectColumns+fixColumns+`
from tracking.vehicle v
join tracking.fitting f on f.vehicle_id = v.id and f.is_primary and f.from_time <= $2
join tracking.device d on d.id = f.device_id
cross join lateral (
    select p.* from tracking.position p
    where p.device_id = f.device_id and p.fix_time >= f.from_time and p.fix_time < f.to_time and p.fix_time <= $2
    order by p.fix_time desc limit 1
) p
where v.uid = $1 order by f.from_time desc limit 1`, vehicle, orInfinity(at, pgtype.Infinity))
	position, err := pgx.CollectExactlyOneRow(rows, scanPosition)
	return position, failed("get position", err)
}

// pastPosition joins the newest fixes of devices up to the time $10 with what they were
// fitted to then. The index of each day is asked from that day backwards until there is
// one, so a device that is heard of costs as much as a device's state does, and one that
// is not a look at each day.
const pastPosition = `
from tracking.device d
cross join lateral (
    select p.*, ST_X(geom) as lon, ST_Y(geom) as lat from tracking.position p
    where p.device_id = d.id and p.fix_time <= $10
    order by p.fix_time desc limit 1
) p
left join tracking.fitting f on f.device_id = d.id and f.from_time <= $10 and $10 < f.to_time
left join tracking.vehicle v on v.id = f.vehicle_id and p.fix_time >= f.from_time
where true `

// DevicePositionAt is where the device was last seen at the time or before.
func (h *History) DevicePositionAt(ctx context.Context, device string, at time.Time) (tracking.Position, error) {
	positions, err := h.positions(ctx, subjectColumns+fixColumns+pastPosition, scanPosition, tracking.Filter{Devices: []string{device}}, tracking.Page{Size: 1}, at)
	if err == nil && len(positions) == 0 {
		err = tracking.ErrNotFound
	}
	if err != nil {
		return tracking.Position{}, err
	}
	return positions[0], nil
}

// PositionsAt lists where vehicles, and devices that were on none, were last seen at the
// time or before. Second devices of vehicles come only when the filter names them.
func (h *History) PositionsAt(ctx context.Context, at time.Time, filter tracking.Filter, page tracking.Page) ([]tracking.Position, error) {
	return h.positions(ctx, subjectColumns+fixColumns+pastPosition, scanPosition, filter, page, at)
}
