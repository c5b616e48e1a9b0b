package codec

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"
)

// Units of speed, in metres a second.
const (
	KilometrePerHour = 1000.0 / 3600
	Knot             = 1852.0 / 3600
)

// Point reads decimal degrees, with a sign, or with a letter of the hemisphere before or behind (N, S; E, W). It returns
// an *Error with ReasonNumber or ReasonPosition.
func Point(latitude, longitude string) (orb.Point, error) {
	lat, err := degrees(latitude, "N", "S")
	if err != nil {
		return orb.Point{}, err
	}
	lon, err := degrees(longitude, "E", "W")
	if err != nil {
		return orb.Point{}, err
	}
	if math.Abs(lat) > 90 || math.Abs(lon) > 180 {
		return orb.Point{}, &Error{Reason: ReasonPosition, Detail: "latitude " + latitude + ", longitude " + longitude}
	}
	return orb.Point{lon, lat}, nil
}

func degrees(s, positive, negative string) (float64, error) {
	bare := strings.ToUpper(strings.TrimSpace(s))
	digits := strings.Trim(bare, positive+negative)
	v, err := Number(digits)
	switch {
	case err != nil:
		return 0, err
	case len(bare)-len(digits) > 1, digits != bare && strings.ContainsAny(digits, "+-"):
		return 0, &Error{Reason: ReasonNumber, Detail: strconv.Quote(s)}
	case strings.Contains(bare, negative):
		return -v, nil
	}
	return v, nil
}

// Place is a [Point] that is somewhere: for 0, 0 it returns ErrNoFix, because that is what units write that have none.
func Place(latitude, longitude string) (orb.Point, error) {
	p, err := Point(latitude, longitude)
	if err == nil && IsNowhere(p) {
		return orb.Point{}, ErrNoFix
	}
	return p, err
}

// Speed reads a speed in the unit, in metres a second; an empty text is unknown, NaN. It returns an *Error with
// ReasonNumber.
func Speed(s string, unit float64) (float64, error) {
	if s == "" {
		return math.NaN(), nil
	}
	v, err := Number(s)
	if err != nil || v < 0 {
		return 0, &Error{Reason: ReasonNumber, Detail: "speed " + strconv.Quote(s)}
	}
	return v * unit, nil
}

// Course reads degrees clockwise from north; an empty text is unknown, NaN. It returns an *Error with ReasonNumber.
func Course(s string) (float64, error) {
	if s == "" {
		return math.NaN(), nil
	}
	v, err := Number(s)
	if err != nil || v < 0 || v > 360 {
		return 0, &Error{Reason: ReasonNumber, Detail: "course " + strconv.Quote(s)}
	}
	return v, nil
}

// Group gives the first group of the pattern where it matches first, or an empty text.
func Group(pattern *regexp.Regexp, text string) string {
	m := pattern.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1]
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
	if err != nil || t.IsZero() { // The year 1 is what a clock shows that was never set.
		return time.Time{}, &Error{Reason: ReasonTime, Detail: strconv.Quote(s)}
	}
	return t.UTC(), nil
}

// IsNowhere tells whether the point is exactly 0, 0: what units write that have no position.
func IsNowhere(p orb.Point) bool { return p == orb.Point{} }
