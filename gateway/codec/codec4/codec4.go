// Package codec4 reads the binary texts in which Teltonika units that have no data connection send the positions of a day, 24 in one
// message of 8 bits (codec 4, "24 coordinates SMS"):
//
//	04C0743932C00000804CEC6B018E0200000140E9D530E7A8
//
// It is a stream of bits, each field with its lowest bit first: codec 8 (4), seconds since 2000-01-01 UTC 35, count 5.
// Then that many elements: valid 1; when it is, differential 1, longitude 21 and latitude 20, or 14 and 14 as differences
// from the valid element before, and speed 8 (km/h). The stream is filled up to a byte, and the IMEI ends the message, 8
// bytes with the highest first. Elements are an hour apart, the newest is the last and is of the time that is told.
package codec4

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"github.com/paulmach/orb"

	"waybill/gateway/codec"
	"waybill/tracking"
)

const (
	id = 4
	// Widths of the fields in bits.
	widthCodec, widthTime, widthCount       = 8, 35, 5
	widthLongitude, widthLatitude, widthGap = 21, 20, 14
	widthSpeed                              = 8
	// zeroGap is how a difference of nothing is written.
	zeroGap = 1<<13 - 1
	// maxCount is how many elements there are at most: a day of hours.
	maxCount = 24
	lenIMEI  = 8
	// lenHead is the length in bytes of what comes before the elements.
	lenHead = (widthCodec + widthTime + widthCount) / 8
	// spacing of elements.
	spacing = time.Hour
	// digitsIMEI is the longest number that is an IMEI.
	digitsIMEI = 15
)

// Decode implements codec.DecodeBinary.
func Decode(data []byte) ([]tracking.Fix, error) {
	if len(data) == 0 || data[0] != id {
		return nil, codec.ErrNotMine
	}
	if len(data) < lenHead+lenIMEI {
		return nil, &codec.Error{Reason: codec.ReasonSyntax, Detail: fmt.Sprintf("%d bytes, at least %d are needed", len(data), lenHead+lenIMEI)}
	}
	stream := bits{data: data[:len(data)-lenIMEI], next: widthCodec}
	seconds, count := stream.take(widthTime), int(stream.take(widthCount)) //nolint:gosec // 5 bits
	if count > maxCount {
		return nil, &codec.Error{Reason: codec.ReasonSyntax, Detail: fmt.Sprintf("%d positions, at most %d fit", count, maxCount)}
	}
	imei := strconv.FormatUint(binary.BigEndian.Uint64(data[len(data)-lenIMEI:]), 10)
	if len(imei) > digitsIMEI {
		return nil, &codec.Error{Reason: codec.ReasonNumber, Detail: imei + " is no IMEI"}
	}
	newest := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(seconds) * time.Second) //nolint:gosec // 35 bits
	var fixes []tracking.Fix
	var last element
	for i := range count {
		e, err := last.next(&stream)
		if err != nil {
			return nil, err
		}
		if !e.valid {
			continue
		}
		last = e
		if e.isNowhere() {
			continue
		}
		fix := tracking.NewFix(newest.Add(-time.Duration(count-1-i)*spacing), e.point())
		fix.Speed = float64(e.speed) * codec.KilometrePerHour
		fix.Attributes = map[string]any{"imei": fmt.Sprintf("%0*s", digitsIMEI, imei)}
		fixes = append(fixes, fix)
	}
	if err := stream.finish(); err != nil {
		return nil, err
	}
	if len(fixes) == 0 {
		return nil, codec.ErrNoFix
	}
	return fixes, nil
}

// element is one position in the units of the message.
type element struct {
	valid               bool
	longitude, latitude int64
	speed               uint64
}

// next reads the element after e, which is the last valid one.
func (e element) next(stream *bits) (element, error) {
	if stream.take(1) == 0 {
		return element{}, nil
	}
	n := element{valid: true}
	if stream.take(1) == 0 {
		n.longitude, n.latitude = int64(stream.take(widthLongitude)), int64(stream.take(widthLatitude)) //nolint:gosec // 21 bits
	} else {
		if !e.valid && !stream.short {
			return n, &codec.Error{Reason: codec.ReasonSyntax, Detail: "the first position is told as a difference from none"}
		}
		n.longitude = e.longitude - int64(stream.take(widthGap)) + zeroGap //nolint:gosec // 14 bits
		n.latitude = e.latitude - int64(stream.take(widthGap)) + zeroGap   //nolint:gosec // 14 bits
	}
	n.speed = stream.take(widthSpeed)
	switch {
	case stream.short:
		return n, &codec.Error{Reason: codec.ReasonSyntax, Detail: "it ends within a position"}
	case n.longitude < 0 || n.longitude > mostLongitude || n.latitude < 0 || n.latitude > mostLatitude:
		return n, &codec.Error{Reason: codec.ReasonPosition, Detail: "a difference leads off the Earth"}
	}
	return n, nil
}

// The largest values, which are 180 and 90 degrees.
const (
	mostLongitude = 1<<widthLongitude - 1
	mostLatitude  = 1<<widthLatitude - 1
)

func (e element) point() orb.Point {
	return orb.Point{float64(e.longitude)*360/mostLongitude - 180, float64(e.latitude)*180/mostLatitude - 90}
}

// isNowhere says that it is 0, 0, as far as the resolution goes: what a unit without a position writes.
func (e element) isNowhere() bool {
	return (e.longitude == mostLongitude/2 || e.longitude == mostLongitude/2+1) && (e.latitude == mostLatitude/2 || e.latitude == mostLatitude/2+1)
}
