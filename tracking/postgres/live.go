package postgres

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/paulmach/orb"

	"waybill/tracking"
)

// liveOfPosition is the expression that makes of a row p of tracking.position what
// appendLive makes of a record.
const liveOfPosition = `int8send((extract(epoch from p.received_time) * 1000000)::bigint)
    || float4send(coalesce(p.altitude, 'NaN')) || float4send(coalesce(p.speed, 'NaN'))
    || float4send(coalesce(p.course, 'NaN')) || float4send(coalesce(p.accuracy, 'NaN'))
    || int2send(coalesce(p.satellites, -1::smallint))
    || int2send(octet_length(p.source)::smallint) || convert_to(p.source, 'UTF8')
    || convert_to(coalesce(p.attributes::text, ''), 'UTF8')`

// liveHeader is how long what comes before the source is.
const liveHeader = 8 + 4*4 + 2 + 2

var errLive = errors.New("the live fix in the database is not one: was it written by a newer Waybill?")

// appendLive appends what a live fix says besides its time and position: when it was
// received, altitude, speed, course, accuracy, satellites, source and attributes, in
// PostgreSQL's own binary formats.
func appendLive(b []byte, r *tracking.Record) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(r.Received.UnixMicro()))
	for _, v := range [...]float64{r.Fix.Altitude, r.Fix.Speed, r.Fix.Course, r.Fix.Accuracy} {
		b = binary.BigEndian.AppendUint32(b, math.Float32bits(float32(v)))
	}
	b = binary.BigEndian.AppendUint16(b, uint16(r.Fix.Satellites)) //nolint:gosec // validated
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.Source)))    //nolint:gosec // validated
	b = append(b, r.Source...)
	return append(b, r.Attributes...)
}

// liveRow is a live fix as it is stored.
type liveRow struct {
	time     *time.Time
	lon, lat *float64
	live     []byte
}

// liveColumns are the columns of a state s that a [liveRow] reads.
const liveColumns = `s.fix_time, s.lon, s.lat, s.live`

func (r *liveRow) targets() []any { return []any{&r.time, &r.lon, &r.lat, &r.live} }

func (r *liveRow) read() (tracking.Fix, time.Time, error) {
	b := r.live
	if r.time == nil || r.lon == nil || r.lat == nil || len(b) < liveHeader {
		return tracking.Fix{}, time.Time{}, errLive
	}
	fix := tracking.NewFix(*r.time, orb.Point{*r.lon, *r.lat})
	received := time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC() //nolint:gosec // the same bits
	for i, v := range [...]*float64{&fix.Altitude, &fix.Speed, &fix.Course, &fix.Accuracy} {
		*v = float64(math.Float32frombits(binary.BigEndian.Uint32(b[8+4*i:])))
	}
	fix.Satellites = int(int16(binary.BigEndian.Uint16(b[24:]))) //nolint:gosec // the same bits
	source := int(binary.BigEndian.Uint16(b[26:]))
	if len(b) < liveHeader+source {
		return tracking.Fix{}, time.Time{}, errLive
	}
	if attributes := b[liveHeader+source:]; len(attributes) > 0 {
		if err := json.Unmarshal(attributes, &fix.Attributes); err != nil {
			return tracking.Fix{}, time.Time{}, fmt.Errorf("%w: %w", errLive, err)
		}
	}
	return fix, received, nil
}
