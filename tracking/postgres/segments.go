package postgres

import (
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/tracking/derive"
)

const (
	// retractSegments takes the columns that stateSegments takes, and needs three.
	retractSegments = `
delete from tracking.segment s
using unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::boolean[], $5::timestamptz[], $6::bigint[],
    $7::bytea[], $8::bytea[], $9::bigint[], $10::real[], $11::bigint[]) as u (device_id, start_time, end_time, stop)
where s.device_id = u.device_id and s.start_time = u.start_time and s.stop = u.stop`

	stateSegments = `
insert into tracking.segment (device_id, start_time, end_time, stop, stated_time, vehicle_id,
    start_geom, end_geom, distance, max_speed, idle)
select device_id, start_time, end_time, stop, stated_time, nullif(vehicle_id, 0),
    start_geom::geometry, end_geom::geometry, distance, max_speed, idle * interval '1 microsecond'
from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::boolean[], $5::timestamptz[], $6::bigint[],
    $7::bytea[], $8::bytea[], $9::bigint[], $10::real[], $11::bigint[])
    as u (device_id, start_time, end_time, stop, stated_time, vehicle_id, start_geom, end_geom, distance, max_speed, idle)
on conflict do nothing`
)

// segmentColumns are the arrays that both statements take.
type segmentColumns struct {
	devices            []int64
	starts, ends       []time.Time
	stops              []bool
	stated             []time.Time
	vehicles           []int64 // 0 for none
	startGeom, endGeom [][]byte
	distances          []int64 // millimetres
	maxSpeeds          []float32
	idles              []int64 // microseconds
}

func (c *segmentColumns) add(device int64, change *derive.Change) {
	s := &change.Segment
	c.devices = append(c.devices, device)
	c.starts, c.ends = append(c.starts, s.Start), append(c.ends, s.End)
	c.stops = append(c.stops, s.Stop)
	c.stated = append(c.stated, change.Stated)
	c.vehicles = append(c.vehicles, change.Vehicle)
	c.startGeom = append(c.startGeom, appendPoint(nil, s.From))
	c.endGeom = append(c.endGeom, appendPoint(nil, s.To))
	c.distances = append(c.distances, s.Distance)
	c.maxSpeeds = append(c.maxSpeeds, float32(s.MaxSpeed))
	c.idles = append(c.idles, s.Idle.Microseconds())
}

func (c *segmentColumns) queue(queries *pgx.Batch, statement string) {
	if len(c.devices) > 0 {
		queries.Queue(statement, c.devices, c.starts, c.ends, c.stops, c.stated, c.vehicles,
			c.startGeom, c.endGeom, c.distances, c.maxSpeeds, c.idles)
	}
}
