package derive

import (
	"time"

	"github.com/paulmach/orb"
)

// State is what is remembered of a device between two fixes. The zero value is of one
// that was never seen.
type State struct {
	// Newest is the time of the newest fix of all.
	Newest time.Time
	// Last is the newest fix that is believed: where the device is.
	Last Mark
	// Doubt is the newest of the Doubts fixes in a row that are not believed, and agree
	// with each other.
	Doubt  Mark
	Doubts int
	// Vehicle is the key of the one that was told of, 0 for none.
	Vehicle int64
	// Zones are those that Last was in, ascending.
	Zones  []int64
	Motion Motion
	// Holds are the conditions that hold now.
	Holds Conditions
	// Warned are those of them that hold only because the unit warned of them.
	Warned Conditions
	// Speeding are the zones whose limits are broken, ascending; 0 is the device's own.
	Speeding []int64

	// Odometer is the length of all trips that are over, in millimetres.
	Odometer int64
	// Folded counts fixes since a state was kept to begin a [Revision] from.
	Folded int
}

// Motion is the segment under way.
type Motion struct {
	// Standing says that it is a stop.
	Standing bool
	// Since is when it began, and From where; of a stop, its middle so far, which is the
	// mean of Weight fixes.
	Since  time.Time
	From   orb.Point
	Weight int64
	// Distance of a trip in millimetres, up to Counted.
	Distance int64
	Counted  Mark
	MaxSpeed float64
	// Anchor is the fix that all after it were near to, and AnchorDistance the distance
	// up to it. When they stay, the trip ended there.
	Anchor         Mark
	AnchorDistance int64
	// Away is the first of the fixes that were away from a stop: when they stay away,
	// the trip began.
	Away Mark
	// Ignition is what was heard of the engine last, and Idle how long it ran during the
	// stop.
	Ignition Flag
	Idle     time.Duration
}

// Phase is what a vehicle does now.
type Phase uint8

// What a vehicle may do.
const (
	// NeverSeen has no motion yet.
	NeverSeen Phase = iota
	// Moving is on a trip.
	Moving
	// Idling stands with the engine running.
	Idling
	// Stopped stands.
	Stopped
)

// Phase is what the vehicle does.
func (m *Motion) Phase() Phase {
	switch {
	case m.Since.IsZero():
		return NeverSeen
	case !m.Standing:
		return Moving
	case m.Ignition == Yes:
		return Idling
	}
	return Stopped
}

// Segment is the one under way as if it ended at the mark.
func (m *Motion) Segment(end Mark) Segment {
	if m.Standing {
		return Segment{Stop: true, Start: m.Since, End: end.Time, From: m.From, To: m.From, Idle: m.Idle}
	}
	return Segment{Start: m.Since, End: end.Time, From: m.From, To: end.Position, Distance: m.Distance, MaxSpeed: m.MaxSpeed}
}
