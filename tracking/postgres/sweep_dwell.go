package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/tracking/derive"
)

const (
	// occupants are the states of devices that drive the vehicle which they are on.
	occupants = `
select s.device_id, s.version, s.derived, f.vehicle_id, ` + lastHeard + `
from tracking.device_state s
join tracking.device d on d.id = s.device_id and not d.disabled
join tracking.fitting f on f.device_id = d.id and f.is_primary and f.from_time <= $1 and $1 < f.to_time
where s.derived is not null and s.newest_time is not null`

	// arrivals are when the visits under way began.
	arrivals = `
select u.ordinal::integer - 1, begun.time
from unnest($1::bigint[], $2::bigint[]) with ordinality as u (vehicle_id, zone_id, ordinal) cross join lateral (
    select coalesce(max(time), '-infinity') as time from tracking.transition
    where vehicle_id = u.vehicle_id and zone_id = u.zone_id and kind = 'departed'
) gone cross join lateral (
    select min(time) as time from tracking.transition
    where vehicle_id = u.vehicle_id and zone_id = u.zone_id and kind = 'arrived' and time >= gone.time
) begun
where begun.time is not null`

	// openStays opens alerts for devices whose states are still what was read. Whoever
	// changes them later finds the alert.
	openStays = `
with u as (
    select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::float8[])
        as u (device_id, version, vehicle_id, zone_id, open_time, value)
), held as (
    select s.device_id from tracking.device_state s
    where exists (select from u where u.device_id = s.device_id and u.version = s.version)
    order by s.device_id for update of s skip locked
)
insert into tracking.alert (device_id, vehicle_id, condition, zone_id, value, open_time)
select device_id, vehicle_id, '` + conditionDwelling + `', zone_id, value, open_time from u join held using (device_id)
on conflict (device_id, condition, zone_id) where close_time is null do nothing`

	// closeStays closes the alerts of all but the given stays.
	closeStays = `
update tracking.alert a set close_time = greatest(a.open_time, $4)
where a.condition = '` + conditionDwelling + `' and a.close_time is null and not exists (
    select from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as u (device_id, vehicle_id, zone_id)
    where u.device_id = a.device_id and u.vehicle_id = a.vehicle_id and u.zone_id = a.zone_id
)`
)

// stay is a vehicle's in a zone that has a limit.
type stay struct {
	device, version, vehicle, zone int64
	limit                          time.Duration
	// last is the newest fix in the zone, and heard when its device was heard.
	last, heard time.Time
	arrived     time.Time
}

func (s *stay) end() time.Time { return s.arrived.Add(s.limit) }

// dwell opens an alert for each vehicle that has been in a zone for longer than the
// zone's limit, and closes those of which that is no longer so. Who was last heard
// before an outage of ours may have left during it.
func (s *Sweep) dwell(ctx context.Context, tx pgx.Tx, now, since time.Time) error {
	limits, err := dwellLimits(ctx, tx)
	if err != nil {
		return fmt.Errorf("read limits: %w", err)
	}
	stays, err := staysIn(ctx, tx, limits, now)
	if err != nil {
		return fmt.Errorf("read states: %w", err)
	}
	var long, known stayColumns
	for i := range stays {
		stay := &stays[i]
		if stay.arrived.IsZero() || !stay.end().Before(now) {
			continue
		}
		long.add(stay)
		if stay.last.After(stay.end()) || !since.IsZero() && stay.heard.After(since) {
			known.add(stay)
		}
	}
	if _, err := tx.Exec(ctx, closeStays, long.devices, long.vehicles, long.zones, now); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	if len(known.devices) == 0 {
		return nil
	}
	_, err = tx.Exec(ctx, openStays, known.devices, known.versions, known.vehicles, known.zones, known.ends, known.values)
	return err
}

type stayColumns struct {
	devices, versions, vehicles, zones []int64
	ends                               []time.Time
	values                             []float64
}

func (c *stayColumns) add(s *stay) {
	c.devices, c.versions = append(c.devices, s.device), append(c.versions, s.version)
	c.vehicles, c.zones = append(c.vehicles, s.vehicle), append(c.zones, s.zone)
	c.ends, c.values = append(c.ends, s.end()), append(c.values, s.limit.Seconds())
}

func dwellLimits(ctx context.Context, tx pgx.Tx) (map[int64]time.Duration, error) {
	rows, err := tx.Query(ctx, "select id, dwell_limit from tracking.zone where dwell_limit is not null and delete_time is null")
	if err != nil {
		return nil, err
	}
	limits := make(map[int64]time.Duration)
	var zone int64
	var limit time.Duration
	_, err = pgx.ForEachRow(rows, []any{&zone, &limit}, func() error {
		limits[zone] = limit
		return nil
	})
	return limits, err
}

// staysIn finds who is in the zones. The states know, so that nothing of the past is
// read for those that are in none.
func staysIn(ctx context.Context, tx pgx.Tx, limits map[int64]time.Duration, now time.Time) ([]stay, error) {
	if len(limits) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, occupants, now)
	if err != nil {
		return nil, err
	}
	var stays []stay
	var found stay
	var derived []byte
	_, err = pgx.ForEachRow(rows, []any{&found.device, &found.version, &derived, &found.vehicle, &found.heard}, func() error {
		var state derive.State
		if err := state.UnmarshalBinary(derived); err != nil {
			return err
		}
		for _, zone := range state.Zones {
			if limit, ok := limits[zone]; ok && state.Vehicle == found.vehicle {
				found.zone, found.limit, found.last = zone, limit, state.Last.Time
				stays = append(stays, found)
			}
		}
		return nil
	})
	if err != nil || len(stays) == 0 {
		return nil, err
	}
	return stays, begin(ctx, tx, stays)
}

// begin sets when the stays began.
func begin(ctx context.Context, tx pgx.Tx, stays []stay) error {
	vehicles, zones := make([]int64, len(stays)), make([]int64, len(stays))
	for i := range stays {
		vehicles[i], zones[i] = stays[i].vehicle, stays[i].zone
	}
	rows, err := tx.Query(ctx, arrivals, vehicles, zones)
	if err != nil {
		return err
	}
	var i int
	var arrived time.Time
	_, err = pgx.ForEachRow(rows, []any{&i, &arrived}, func() error {
		stays[i].arrived = arrived
		return nil
	})
	return err
}
