package postgres

import (
	"math"
	"time"

	"github.com/paulmach/orb"

	"waybill/tracking"
)

// fixColumns are the columns of a position that a [fixRow] reads.
const fixColumns = `fix_time, received_time, ST_X(geom), ST_Y(geom), altitude, speed, course, accuracy, satellites, attributes`

// bareFixColumns are fixColumns without attributes, whose JSON costs as much to read as
// all the rest.
const bareFixColumns = `fix_time, received_time, ST_X(geom), ST_Y(geom), altitude, speed, course, accuracy, satellites, null::jsonb`

// fixRow is a fix as it is stored: what is unknown is null.
type fixRow struct {
	time, received                    *time.Time
	lon, lat                          *float64
	altitude, speed, course, accuracy *float32
	satellites                        *int16
	attributes                        map[string]any
}

func (r *fixRow) targets() []any {
	return []any{
		&r.time, &r.received, &r.lon, &r.lat,
		&r.altitude, &r.speed, &r.course, &r.accuracy, &r.satellites, &r.attributes,
	}
}

func (r *fixRow) fix() tracking.Fix {
	fix := tracking.Fix{
		Time:       r.time.UTC(),
		Position:   orb.Point{*r.lon, *r.lat},
		Altitude:   known(r.altitude),
		Speed:      known(r.speed),
		Course:     known(r.course),
		Accuracy:   known(r.accuracy),
		Satellites: -1,
		Attributes: r.attributes,
	}
	if r.satellites != nil {
		fix.Satellites = int(*r.satellites)
	}
	return fix
}

func (r *fixRow) receivedTime() time.Time {
	if r.received == nil {
		return time.Time{}
	}
	return r.received.UTC()
}

func known(value *float32) float64 {
	if value == nil {
		return math.NaN()
	}
	return float64(*value)
}
