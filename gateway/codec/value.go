package codec

import (
	"math"
	"strconv"
	"time"

	"github.com/paulmach/orb"
)

// Units of speed, in metres a second.
const (
	KilometrePerHour = 1000.0 / 3600
	Knot             = 1852.0 / 3600
)

// Point reads decimal degrees. It returns an *Error with ReasonNumber or ReasonPosition.
func Point(latitude, longitude string) (orb.Point, error) {
	lat, err := Number(latitude)
	if err != nil {
		return orb.Point{}, err
	}
	lon, err := Number(longitude)
	if err != nil {
		return orb.Point{}, err
	}
	if math.Abs(lat) > 90 || math.Abs(lon) > 180 {
		return orb.Point{}, &Error{Reason: ReasonPosition, Detail: "latitude " + latitude + ", longitude " + longitude}
	}
	return orb.Point{lon, lat}, nil
}

// Number reads a finite decimal number. It returns an *Error with ReasonNumber.
func Number(s string) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, &Error{Reason: ReasonNumber, Detail: strconv.Quote(s)}
	}
	return v, nil
}

// Time reads a time by a layout of package time, in the zone unless the text names one, as UTC. It returns an *Error
// with ReasonTime. A local time that the clock change skips is read as time.ParseInLocation does: by one of the two
// offsets around the change.
func Time(layout, s string, zone *time.Location) (time.Time, error) {
	if zone == nil {
		zone = time.UTC
	}
	t, err := time.ParseInLocation(layout, s, zone)
	if err != nil {
		return time.Time{}, &Error{Reason: ReasonTime, Detail: strconv.Quote(s)}
	}
	return t.UTC(), nil
}
