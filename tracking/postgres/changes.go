package postgres

import (
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/tracking"
	"waybill/tracking/derive"
)

const (
	// retractTransitions removes what no longer holds and tells crm, of the vehicle
	// that it was stated of.
	retractTransitions = `
with gone as (
    delete from tracking.transition t
    using unnest($1::bigint[], $2::timestamptz[], $3::bigint[], $4::text[], $5::boolean[], $6::boolean[])
        with ordinality as u (device_id, time, zone_id, kind, in_order, fresh, ordinal)
    where t.device_id = u.device_id and t.time = u.time and t.zone_id = u.zone_id and t.kind = u.kind
    returning t.*, u.in_order, u.fresh, u.ordinal
), told as (
    insert into tracking.transition_outbox (device, vehicle, zone, owner, kind, time, retracted, in_order, fresh)
    select d.uid, v.uid, z.uid, coalesce(z.owner, ''), g.kind, g.time, true, g.in_order, g.fresh
    from gone g
    join tracking.device d on d.id = g.device_id
    join tracking.vehicle v on v.id = g.vehicle_id
    join tracking.zone z on z.id = g.zone_id
    order by g.ordinal
    returning 1
)
select pg_notify('transition_outbox', '') from (select 1 from told limit 1) any_told`

	// stateTransitions stores what holds and tells crm of those of a vehicle.
	stateTransitions = `
with u as (
    select * from unnest($1::bigint[], $2::timestamptz[], $3::bigint[], $4::text[], $5::boolean[], $6::boolean[], $7::bigint[])
        with ordinality as u (device_id, time, zone_id, kind, in_order, fresh, vehicle_id, ordinal)
), stated as (
    insert into tracking.transition (device_id, time, zone_id, kind, vehicle_id)
    select device_id, time, zone_id, kind, vehicle_id from u
    on conflict do nothing
    returning device_id, time, zone_id, kind
), told as (
    insert into tracking.transition_outbox (device, vehicle, zone, owner, kind, time, retracted, in_order, fresh)
    select d.uid, v.uid, z.uid, coalesce(z.owner, ''), u.kind, u.time, false, u.in_order, u.fresh
    from stated join u using (device_id, time, zone_id, kind)
    join tracking.device d on d.id = u.device_id
    join tracking.vehicle v on v.id = u.vehicle_id
    join tracking.zone z on z.id = u.zone_id
    order by u.ordinal
    returning 1
)
select pg_notify('transition_outbox', '') from (select 1 from told limit 1) any_told`
)

// changeColumns are the arrays that both statements take.
type changeColumns struct {
	devices        []int64
	times          []time.Time
	zones          []int64
	kinds          []string
	inOrder, fresh []bool
	vehicles       []*int64 // nil where the device was on none
}

func (c *changeColumns) add(device int64, change *derive.Change) {
	kind := tracking.Arrived
	if change.Kind == derive.Departed {
		kind = tracking.Departed
	}
	c.devices = append(c.devices, device)
	c.times = append(c.times, change.Stated)
	c.zones = append(c.zones, change.Zone)
	c.kinds = append(c.kinds, string(kind))
	c.inOrder = append(c.inOrder, change.InOrder)
	c.fresh = append(c.fresh, change.Fresh)
	c.vehicles = append(c.vehicles, keyOrNull(change.Vehicle))
}

// queueChanges queues what holds from now on and what no longer does, in the tables of
// each kind: first what no longer holds.
func queueChanges(queries *pgx.Batch, b *batch) {
	var retracted, stated changeColumns
	var segmentsGone, segments segmentColumns
	var conditionsGone, conditions conditionColumns
	var alerts alertChanges
	for i := range b.devices {
		d := &b.devices[i]
		for j := range d.changes {
			change := &d.changes[j]
			switch change.Kind {
			case derive.Arrived, derive.Departed:
				pick(change.Retracted, &retracted, &stated).add(d.id, change)
			case derive.Finished:
				pick(change.Retracted, &segmentsGone, &segments).add(d.id, change)
			case derive.Began, derive.Ended:
				pick(change.Retracted, &conditionsGone, &conditions).add(d.id, change)
			}
		}
		alerts.of(d)
	}
	if c := retracted; len(c.devices) > 0 {
		queries.Queue(retractTransitions, c.devices, c.times, c.zones, c.kinds, c.inOrder, c.fresh)
	}
	if c := stated; len(c.devices) > 0 {
		queries.Queue(stateTransitions, c.devices, c.times, c.zones, c.kinds, c.inOrder, c.fresh, c.vehicles)
	}
	segmentsGone.queue(queries, retractSegments)
	segments.queue(queries, stateSegments)
	conditionsGone.queue(queries, retractConditions)
	conditions.queue(queries, stateConditions)
	alerts.queue(queries)
}

func pick[T any](first bool, a, b *T) *T {
	if first {
		return a
	}
	return b
}

func keyOrNull(key int64) *int64 {
	if key == 0 {
		return nil
	}
	return &key
}
