package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/tracking"
	"waybill/tracking/derive"
)

// recordEvent records an event and opens the alert $8 (empty for none) unless the
// condition holds already, or somebody has just seen to it.
const recordEvent = `
with said as (
    insert into tracking.device_event (device_id, event_key, kind, time, received_time, vehicle_id, source, text)
    select d.id, $2, $3, $4, $5, f.vehicle_id, $6, $7
    from tracking.device d
    left join tracking.fitting f on f.device_id = d.id and f.from_time <= $4 and $4 < f.to_time
    where d.uid = $1
    on conflict on constraint device_event_once do nothing
    returning id, device_id, vehicle_id, time
), told as (
    insert into tracking.alert (device_id, vehicle_id, condition, open_time, device_event_id)
    select device_id, vehicle_id, condition, time, id from (select said.*, $8::text as condition from said) u
    where condition <> '' and not ` + justSeenTo + `
    on conflict (device_id, condition, zone_id) where close_time is null do nothing
)
select exists (select from tracking.device where uid = $1), exists (select from said)`

// justSeenTo is whether u, a call for help of a device at a time, belongs to one that
// somebody has seen to, within [tracking.SOSQuiet].
const justSeenTo = `(u.condition = 'sos' and exists (
    select from tracking.alert s
    where s.device_id = u.device_id and s.condition = 'sos' and s.acknowledge_time > u.time - interval '10 minutes'))`

// DeviceEvents is where devices' events are recorded: a [tracking.DeviceEvents].
type DeviceEvents struct {
	pool     *pgxpool.Pool
	freshFor time.Duration
}

var _ tracking.DeviceEvents = (*DeviceEvents)(nil)

// NewDeviceEvents returns a store on a migrated database. FreshFor is how long after its
// time an event may be received and still alert; [derive.DefaultFreshFor] when zero. The
// pool stays the caller's.
func NewDeviceEvents(pool *pgxpool.Pool, freshFor time.Duration) *DeviceEvents {
	if freshFor <= 0 {
		freshFor = derive.DefaultFreshFor
	}
	return &DeviceEvents{pool: pool, freshFor: freshFor}
}

// RecordDeviceEvent records the event and opens its alert.
func (s *DeviceEvents) RecordDeviceEvent(ctx context.Context, event tracking.DeviceEvent) (tracking.Outcome, error) {
	if rejected := event.Check(); rejected != nil {
		return *rejected, nil
	}
	condition, _ := tracking.AlarmCondition(event.Kind)
	if event.Received.Sub(event.Time) > s.freshFor {
		condition = ""
	}
	var known, added bool
	err := s.pool.QueryRow(ctx, recordEvent, storable(event.Device), event.ID, event.Kind, event.Time, event.Received,
		event.Source, event.Text, string(condition)).Scan(&known, &added)
	switch {
	case err != nil:
		return tracking.Outcome{}, failed("record the event of a device", translate(err))
	case !known:
		return tracking.Outcome{
			Kind: tracking.Rejected, Reason: tracking.ReasonUnknownDevice,
			Detail: "there is no device " + event.Device + "; create it, then send again",
		}, nil
	case !added:
		return tracking.Outcome{Kind: tracking.Duplicate}, nil
	}
	return tracking.Outcome{Kind: tracking.Stored}, nil
}

// DeviceEvents lists the events of a device, the newest first.
func (s *DeviceEvents) DeviceEvents(ctx context.Context, query tracking.EventQuery) ([]tracking.DeviceEvent, error) {
	var id int64
	if err := s.pool.QueryRow(ctx, "select id from tracking.device where uid = $1", storable(query.Device)).Scan(&id); err != nil {
		return nil, failed("look for the device", err)
	}
	var after tracking.EventKey
	var before *time.Time
	if query.After != nil {
		after = *query.After
		before = &after.Time
	}
	rows, _ := s.pool.Query(ctx, `
select e.event_key, e.kind, e.time, e.received_time, e.source, e.text, coalesce(v.uid, '')
from tracking.device_event e left join tracking.vehicle v on v.id = e.vehicle_id
where e.device_id = $1 and ($2::timestamptz is null or (e.time, e.event_key) < ($2, $3))
order by e.time desc, e.event_key desc limit $4`, id, before, after.ID, query.Size)
	events, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (tracking.DeviceEvent, error) {
		e := tracking.DeviceEvent{Device: query.Device}
		err := row.Scan(&e.ID, &e.Kind, &e.Time, &e.Received, &e.Source, &e.Text, &e.Vehicle)
		e.Time, e.Received = e.Time.UTC(), e.Received.UTC()
		return e, err
	})
	return events, failed("list the events of a device", err)
}
