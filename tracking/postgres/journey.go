package postgres

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb"

	"waybill/tracking"
	"waybill/tracking/derive"
)

// Trips lists trips by start and uid of the device.
func (h *History) Trips(ctx context.Context, query tracking.JourneyQuery) (trips []tracking.Trip, err error) {
	err = h.journeys(ctx, query.Vehicle, query.Device, func(j *journeys) error {
		segments, err := j.page(ctx, query, onlyTrips)
		for i := range segments {
			trips = append(trips, segments[i].trip())
		}
		return err
	})
	return trips, failed("list trips", err)
}

// Stops lists stops by start and uid of the device.
func (h *History) Stops(ctx context.Context, query tracking.JourneyQuery) (stops []tracking.Stop, err error) {
	err = h.journeys(ctx, query.Vehicle, query.Device, func(j *journeys) error {
		segments, err := j.page(ctx, query, onlyStops)
		for i := range segments {
			stops = append(stops, segments[i].stop())
		}
		return err
	})
	return stops, failed("list stops", err)
}

// journeys are the segments of one vehicle, or of one device, as of one moment.
type journeys struct {
	tx pgx.Tx
	// The vehicle's key, or the device's.
	key       int64
	ofVehicle bool
	open      []segment // those under way, one a device at most
}

// segment is a trip or stop.
type segment struct {
	derive.Segment
	deviceID        int64
	device, vehicle string
	underWay        bool
}

// which segments are asked for.
type which int16

const (
	onlyTrips which = iota
	onlyStops
	tripsAndStops
)

func (w which) has(s *segment) bool { return w == tripsAndStops || s.Stop == (w == onlyStops) }

// journeys reads in one snapshot, so that a segment that ends meanwhile is seen once.
func (h *History) journeys(ctx context.Context, vehicle, device string, read func(*journeys) error) error {
	j := journeys{ofVehicle: vehicle != ""}
	var err error
	if j.ofVehicle {
		j.key, err = h.key(ctx, "vehicle", vehicle)
	} else {
		j.key, err = h.key(ctx, "device", device)
	}
	if err != nil {
		return err
	}
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return pgx.BeginTxFunc(ctx, h.pool, options, func(tx pgx.Tx) error {
		j.tx = tx
		if err := j.readOpen(ctx, vehicle); err != nil {
			return err
		}
		return read(&j)
	})
}

const (
	// openOfVehicle are the states of the devices that were ever the vehicle's. One that
	// is fitted to another by now may not have been seen on that.
	openOfVehicle = `
select s.device_id, d.uid, s.derived, f.fitted
from (select device_id, bool_or(to_time = 'infinity') as fitted from tracking.fitting
    where vehicle_id = $1 and is_primary group by device_id) f
join tracking.device d on d.id = f.device_id join tracking.device_state s on s.device_id = d.id
where s.derived is not null`
	openOfDevice = `
select s.device_id, d.uid, s.derived, true from tracking.device_state s join tracking.device d on d.id = s.device_id
where s.device_id = $1 and s.derived is not null`
)

func (j *journeys) readOpen(ctx context.Context, vehicle string) error {
	statement := openOfDevice
	if j.ofVehicle {
		statement = openOfVehicle
	}
	rows, err := j.tx.Query(ctx, statement, j.key)
	if err != nil {
		return err
	}
	var vehicles []int64
	s := segment{vehicle: vehicle}
	var derived []byte
	_, err = pgx.ForEachRow(rows, []any{&s.deviceID, &s.device, &derived, &s.underWay}, func() error {
		var state derive.State
		if err := state.UnmarshalBinary(derived); err != nil {
			return err
		}
		if state.Motion.Since.IsZero() || j.ofVehicle && state.Vehicle != j.key {
			return nil
		}
		s.Segment = state.Motion.Segment(state.Last)
		if s.End.After(s.Start) {
			j.open, vehicles = append(j.open, s), append(vehicles, state.Vehicle)
		}
		return nil
	})
	if err != nil || j.ofVehicle || len(j.open) == 0 || vehicles[0] == 0 {
		return err
	}
	return j.tx.QueryRow(ctx, "select uid from tracking.vehicle where id = $1", vehicles[0]).Scan(&j.open[0].vehicle)
}

// selectSegments finds those that overlap the time from $2 to $3 and come after the
// mark ($4, $5): of each device the last that began before, and all that began since.
func selectSegments(ofVehicle bool) string {
	owner, devices := "s.device_id", "select $1::bigint as device_id"
	if ofVehicle {
		owner, devices = "s.vehicle_id", "select distinct device_id from tracking.fitting where vehicle_id = $1 and is_primary"
	}
	const wanted = "s.end_time > $2 and s.start_time < $3 and (s.start_time, d.uid) > ($4, $5) and ($6 = 2 or s.stop = ($6 = 1))"
	return `
select s.device_id, s.uid, coalesce(v.uid, ''), s.start_time, s.end_time, s.stop,
    ST_X(s.start_geom), ST_Y(s.start_geom), ST_X(s.end_geom), ST_Y(s.end_geom), s.distance, s.max_speed, s.idle
from (
    (select s.*, d.uid from (` + devices + `) f cross join lateral (
        select * from tracking.segment s where s.device_id = f.device_id and s.start_time < $2
        order by s.start_time desc limit 1
    ) s join tracking.device d on d.id = s.device_id
    where ` + owner + ` = $1 and ` + wanted + `)
    union all
    (select s.*, d.uid from tracking.segment s join tracking.device d on d.id = s.device_id
    where ` + owner + ` = $1 and s.start_time >= $2 and ` + wanted + `
    order by s.start_time, d.uid limit $7)
) s left join tracking.vehicle v on v.id = s.vehicle_id
order by s.start_time, s.uid limit $7`
}

// page lists segments by start and uid of the device.
func (j *journeys) page(ctx context.Context, query tracking.JourneyQuery, kind which) ([]segment, error) {
	from, to := query.From.Truncate(tracking.Resolution), query.To.Truncate(tracking.Resolution)
	if query.After.Start.After(from) {
		from = query.After.Start // what began before was on an earlier page
	}
	rows, err := j.tx.Query(ctx, selectSegments(j.ofVehicle), j.key,
		orInfinity(from, pgtype.NegativeInfinity), orInfinity(to, pgtype.Infinity),
		orInfinity(query.After.Start, pgtype.NegativeInfinity), query.After.Device, int16(kind), query.Size)
	if err != nil {
		return nil, err
	}
	segments, err := pgx.CollectRows(rows, scanSegment)
	if err != nil {
		return nil, err
	}
	for i := range j.open {
		if s := &j.open[i]; kind.has(s) && s.overlaps(from, to) && s.isAfter(query.After) {
			segments = append(segments, *s)
		}
	}
	slices.SortFunc(segments, func(a, b segment) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.device, b.device))
	})
	return segments[:min(len(segments), query.Size)], nil
}

func scanSegment(row pgx.CollectableRow) (segment, error) {
	var s segment
	var from, to orb.Point
	var maxSpeed float32
	err := row.Scan(&s.deviceID, &s.device, &s.vehicle, &s.Start, &s.End, &s.Stop,
		&from[0], &from[1], &to[0], &to[1], &s.Distance, &maxSpeed, &s.Idle)
	s.Start, s.End, s.From, s.To, s.MaxSpeed = s.Start.UTC(), s.End.UTC(), from, to, float64(maxSpeed)
	return s, err
}

func (s *segment) overlaps(from, to time.Time) bool {
	return s.End.After(from) && (to.IsZero() || s.Start.Before(to))
}

func (s *segment) isAfter(mark tracking.JourneyMark) bool {
	return cmp.Or(s.Start.Compare(mark.Start), cmp.Compare(s.device, mark.Device)) > 0
}

func (s *segment) trip() tracking.Trip {
	trip := tracking.Trip{
		Device: s.device, Vehicle: s.vehicle, Start: s.Start, End: s.End, From: s.From, To: s.To,
		Distance: tracking.Length(s.Distance), MaxSpeed: s.MaxSpeed, UnderWay: s.underWay,
	}
	if trip.MaxSpeed == 0 {
		trip.MaxSpeed = math.NaN()
	}
	return trip
}

func (s *segment) stop() tracking.Stop {
	return tracking.Stop{
		Device: s.device, Vehicle: s.vehicle, Start: s.Start, End: s.End, Position: s.From, Idle: s.Idle, UnderWay: s.underWay,
	}
}
