package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"waybill/tracking"
)

// neighboursQuery finds for each late fix the stored one before it and the one
// after it, as far as they are between the bounds, and the transitions that hold at
// that one.
const neighboursQuery = `
select l.device_id, l.fix_time,
    p.fix_time, p.received_time, ST_X(p.geom), ST_Y(p.geom),
    n.fix_time, n.received_time, ST_X(n.geom), ST_Y(n.geom),
    t.zones, t.kinds
from unnest($1::bigint[], $2::timestamptz[]) with ordinality as l (device_id, fix_time, ordinal)
left join lateral (
    select * from tracking.position
    where device_id = l.device_id and fix_time < l.fix_time and fix_time >= $3 order by fix_time desc limit 1
) p on true
left join lateral (
    select * from tracking.position
    where device_id = l.device_id and fix_time > l.fix_time and fix_time <= $4 order by fix_time limit 1
) n on true
cross join lateral (
    select array_agg(zone_id) as zones, array_agg(kind) as kinds from tracking.transition
    where device_id = l.device_id and time = n.fix_time
) t
order by l.ordinal`

// nearby is how far around late fixes their neighbours are looked for at first, and
// then, before everywhere.
func nearby() [3]time.Duration {
	const year = 366 * day
	return [...]time.Duration{day, 30 * day, year}
}

// lookAround finds the gaps that late fixes fell into. They are stored by now, so
// the neighbour of one may be another.
//
// It looks nearby first, because a query that may look at every day is planned for
// every day and locks each: that takes far longer than the few lookups, and with
// thousands of days more locks than a server has.
func (t *transaction) lookAround(ctx context.Context) error {
	l := lateFixes{keys: make(map[key]struct{})}
	for i := range t.batch.devices {
		for _, row := range t.batch.devices[i].rows {
			if t.batch.fates[row] == isLate {
				l.add(&t.batch.records[row])
			}
		}
	}
	if len(l.devices) == 0 {
		return nil
	}
	first, last := t.batch.span(isLate)
	for _, around := range nearby() {
		complete, err := t.findGaps(ctx, l, first.Add(-around), last.Add(around))
		if complete || err != nil {
			return err
		}
	}
	_, err := t.findGaps(ctx, l, tracking.Epoch(), last.AddDate(farAhead, 0, 0))
	return err
}

// farAhead, in years, is beyond any fix that is not rejected.
const farAhead = 200

type lateFixes struct {
	devices []int64
	times   []time.Time
	keys    map[key]struct{}
}

func (l *lateFixes) add(r *tracking.Record) {
	l.devices, l.times = append(l.devices, r.DeviceID), append(l.times, r.Fix.Time)
	l.keys[key{r.DeviceID, microseconds(r.Fix.Time)}] = struct{}{}
}

// findGaps says whether both neighbours of each were found between the bounds.
func (t *transaction) findGaps(ctx context.Context, late lateFixes, from, to time.Time) (complete bool, err error) {
	for i := range t.batch.devices {
		t.batch.devices[i].gaps = nil
	}
	rows, err := t.conn.Query(ctx, neighboursQuery, late.devices, late.times, from, to)
	if err != nil {
		return false, err
	}
	return t.collectGaps(rows, late.keys)
}

// collectGaps makes gaps of the neighbours, which come by device and time: a gap
// begins where the one before is not late itself, and ends where the one after is
// not. What has none after it was in order, though it was staged.
func (t *transaction) collectGaps(rows pgx.Rows, late map[key]struct{}) (complete bool, err error) {
	defer rows.Close()
	complete = true
	next := t.batch.devices
	var gap tracking.Gap
	for rows.Next() {
		var device int64
		var before, after neighbour
		var fixTime time.Time
		var zones []int64
		var kinds []tracking.TransitionKind
		err := rows.Scan(&device, &fixTime, &before.time, &before.received, &before.lon, &before.lat,
			&after.time, &after.received, &after.lon, &after.lat, &zones, &kinds)
		if err != nil {
			return false, err
		}
		complete = complete && before.time != nil && after.time != nil
		if after.time == nil {
			continue
		}
		for next[0].id != device {
			next = next[1:]
		}
		if !before.isIn(late, device) {
			gap = tracking.Gap{Before: before.seen(next[0].fittings)}
		}
		if after.isIn(late, device) {
			continue
		}
		gap.After = *after.seen(next[0].fittings)
		for i, zone := range zones {
			gap.Stated = append(gap.Stated, tracking.Edge{Zone: zone, Kind: kinds[i]})
		}
		next[0].gaps = append(next[0].gaps, gap)
	}
	return complete, rows.Err()
}

// neighbour is a stored fix, or nothing.
type neighbour struct {
	time, received *time.Time
	lon, lat       *float64
}

func (n neighbour) isIn(late map[key]struct{}, device int64) bool {
	if n.time == nil {
		return false
	}
	_, ok := late[key{device, microseconds(*n.time)}]
	return ok
}

func (n neighbour) seen(on fittings) *tracking.Seen {
	if n.time == nil {
		return nil
	}
	return &tracking.Seen{
		Time: n.time.UTC(), Received: n.received.UTC(), Position: orb.Point{*n.lon, *n.lat}, Vehicle: on.at(*n.time).vehicleID,
	}
}
