package postgres

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"waybill/tracking"
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

func (c *changeColumns) add(device int64, change tracking.Change, vehicle *int64) {
	c.devices = append(c.devices, device)
	c.times = append(c.times, change.Time)
	c.zones = append(c.zones, change.Zone)
	c.kinds = append(c.kinds, string(change.Kind))
	c.inOrder = append(c.inOrder, change.InOrder)
	c.fresh = append(c.fresh, change.Fresh)
	c.vehicles = append(c.vehicles, vehicle)
}

// queueChanges queues the transitions and the outbox's rows: first what no longer
// holds.
func queueChanges(queries *pgx.Batch, b *batch) {
	var retracted, stated changeColumns
	for i := range b.devices {
		d := &b.devices[i]
		for _, change := range d.derived.Changes {
			if change.Retracted {
				retracted.add(d.id, change, nil)
				continue
			}
			var vehicle *int64
			if on := d.fittings.at(change.Time); on.vehicleID != 0 {
				vehicle = &on.vehicleID
			}
			stated.add(d.id, change, vehicle)
		}
	}
	if c := retracted; len(c.devices) > 0 {
		queries.Queue(retractTransitions, c.devices, c.times, c.zones, c.kinds, c.inOrder, c.fresh)
	}
	if c := stated; len(c.devices) > 0 {
		queries.Queue(stateTransitions, c.devices, c.times, c.zones, c.kinds, c.inOrder, c.fresh, c.vehicles)
	}
}

// changedZones is the array to write in SQL's notation, null when it stays.
func changedZones(before, after []int64) pgtype.Text {
	if slices.Equal(before, after) {
		return pgtype.Text{}
	}
	var b strings.Builder
	b.WriteByte('{')
	for i, id := range after {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(id, 10))
	}
	b.WriteByte('}')
	return pgtype.Text{String: b.String(), Valid: true}
}
