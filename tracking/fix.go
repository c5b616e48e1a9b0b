package tracking

import (
	"math"
	"time"

	"github.com/paulmach/orb"
)

// Resolution is the resolution at which fix times are stored and compared: two
// reports of one device within the same microsecond have the same key.
const Resolution = time.Microsecond

// Fix is one GNSS report of one device: where it was, and when.
//
// Values a device did not report are unknown: NaN for the floats, negative for
// Satellites. [NewFix] starts with all of them unknown.
type Fix struct {
	// Time is the fix_time: when the receiver computed the position, in UTC, at
	// [Resolution].
	Time time.Time
	// Position is longitude and latitude in degrees, WGS-84.
	Position orb.Point
	// Altitude is in metres above the reference that the device uses.
	Altitude float64
	// Speed over ground is in metres a second.
	Speed float64
	// Course over ground is in degrees clockwise from true north, 0 to 360.
	Course float64
	// Accuracy is the radius of the horizontal error in metres.
	Accuracy float64
	// Satellites is the number of satellites used.
	Satellites int
	// Attributes holds what else the report said (battery, ignition, ...), as JSON
	// values. Names are lower snake case and end in their unit where they have one.
	Attributes map[string]any
}

// NewFix returns a fix at the time and position (longitude, latitude) with
// everything else unknown.
func NewFix(t time.Time, position orb.Point) Fix {
	return Fix{
		Time:       t.UTC().Truncate(Resolution),
		Position:   position,
		Altitude:   math.NaN(),
		Speed:      math.NaN(),
		Course:     math.NaN(),
		Accuracy:   math.NaN(),
		Satellites: -1,
	}
}

// Report is a fix on its way from a device to the store.
type Report struct {
	// Device is the uid of the device that made the fix, as its [Directory] entry
	// gives it.
	Device string
	// Received is when the gateway had the report in hand.
	Received time.Time
	// Source says by which road it came: "mqtt", "sms", "grpc", with the format
	// after a slash ("mqtt/owntracks").
	Source string
	Fix    Fix
}
