package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"waybill/tracking"
	"waybill/tracking/derive"
)

// subjectColumns say what a position is of.
const subjectColumns = `d.uid, coalesce(v.uid, ''),
       coalesce(nullif(v.display_name, ''), v.uid, nullif(d.display_name, ''), d.uid), `

// nowColumns are the columns of a state s that say where and how its device is now.
const nowColumns = liveColumns + `, s.derived`

// scanLive reads subjectColumns and nowColumns.
func scanLive(row pgx.CollectableRow) (tracking.Position, error) {
	var p tracking.Position
	var live liveRow
	var derived []byte
	err := row.Scan(append(append([]any{&p.Device, &p.Vehicle, &p.DisplayName}, live.targets()...), &derived)...)
	if err != nil {
		return p, err
	}
	if p.Fix, p.Received, err = live.read(); err != nil || derived == nil {
		return p, err
	}
	var state derive.State
	if err := state.UnmarshalBinary(derived); err != nil {
		return p, err
	}
	p.Motion = motionOf(&state)
	return p, nil
}

// scanPosition reads subjectColumns and fixColumns.
func scanPosition(row pgx.CollectableRow) (tracking.Position, error) {
	var p tracking.Position
	var fix fixRow
	if err := row.Scan(append([]any{&p.Device, &p.Vehicle, &p.DisplayName}, fix.targets()...)...); err != nil {
		return p, err
	}
	p.Fix, p.Received = fix.fix(), fix.receivedTime()
	return p, nil
}

// Position is where the vehicle was last seen.
func (h *History) Position(ctx context.Context, vehicle string) (tracking.Position, error) {
	rows, _ := h.pool.Query(ctx, "select "+subjectColumns+nowColumns+`
from tracking.vehicle v
join tracking.fitting f on f.vehicle_id = v.id and f.is_primary and f.from_time <= now() and now() < f.to_time
join tracking.device d on d.id = f.device_id
join tracking.device_state s on s.device_id = d.id
where v.uid = $1 and s.fix_time >= f.from_time`, vehicle)
	position, err := pgx.CollectExactlyOneRow(rows, scanLive)
	if errors.Is(err, pgx.ErrNoRows) {
		// Its device is on another vehicle now, or has not reported since it is on this
		// one: the track knows.
		return h.PositionAt(ctx, vehicle, time.Time{})
	}
	return position, failed("get position", err)
}

// currentPosition joins states with what their devices are fitted to now.
const currentPosition = `
from tracking.device d
join tracking.device_state s on s.device_id = d.id
left join tracking.fitting f on f.device_id = d.id and f.from_time <= now() and now() < f.to_time
left join tracking.vehicle v on v.id = f.vehicle_id and s.fix_time >= f.from_time
where s.fix_time is not null `

// DevicePosition is where the device was last seen.
func (h *History) DevicePosition(ctx context.Context, device string) (tracking.Position, error) {
	rows, _ := h.pool.Query(ctx, "select "+subjectColumns+nowColumns+currentPosition+"and d.uid = $1", device)
	position, err := pgx.CollectExactlyOneRow(rows, scanLive)
	return position, failed("get position", err)
}

// Positions lists where vehicles, and devices that are on none, were last seen.
// Second devices of vehicles come only when the filter names them.
func (h *History) Positions(ctx context.Context, filter tracking.Filter, page tracking.Page) ([]tracking.Position, error) {
	return h.positions(ctx, subjectColumns+nowColumns+currentPosition, scanLive, filter, page)
}

// positions lists what is selected that the filter lets through, of tables that are
// joined as d, f, v, and one that has the place's lon and lat.
func (h *History) positions(ctx context.Context, selected string, scan pgx.RowToFunc[tracking.Position], filter tracking.Filter, page tracking.Page, args ...any) ([]tracking.Position, error) {
	box := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	if filter.Box != nil {
		box = *filter.Box
	}
	all := len(filter.Vehicles) == 0 && len(filter.Devices) == 0
	rows, _ := h.pool.Query(ctx, "select "+selected+`
and d.uid > $1
and ((f.is_primary is not false and ($2 or v.uid = any ($3))) or d.uid = any ($4))
and lat between $6 and $8
and case when $5::float8 <= $7::float8 then lon between $5 and $7 else lon >= $5 or lon <= $7 end
order by d.uid limit $9`, append([]any{
		page.After, all, filter.Vehicles, filter.Devices, box.Min.Lon(), box.Min.Lat(), box.Max.Lon(), box.Max.Lat(), page.Size,
	}, args...)...)
	positions, err := pgx.CollectRows(rows, scan)
	return positions, failed("list positions", err)
}
