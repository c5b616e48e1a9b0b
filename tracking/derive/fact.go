package derive

import (
	"cmp"
	"time"

	"github.com/paulmach/orb"
)

// Fact is something that followed from a fix.
type Fact struct {
	Kind Kind
	// Stated is the time of the fix that showed it.
	Stated time.Time
	// Vehicle is the key of the one it is about, 0 for none.
	Vehicle int64
	// Zone is the key of the one that was entered or left, or whose limit it is; 0 for
	// none.
	Zone int64
	// Condition is what began or ended.
	Condition Condition
	// Value is what was measured when a condition began: metres a second, percent,
	// degrees.
	Value float64
	// Segment is the trip or stop that is over.
	Segment Segment
}

// Kind tells facts apart.
type Kind uint8

// The kinds of facts, in the order in which those of one fix are told.
const (
	// Finished means that a segment is over.
	Finished Kind = iota + 1
	// Departed means that a fix was outside a zone and the one before was inside.
	Departed
	// Arrived means that a fix was inside a zone and the one before was not, or was not
	// of this vehicle.
	Arrived
	// Ended means that a condition holds no longer.
	Ended
	// Began means that a condition holds from now on.
	Began
)

// Segment is a part of a track that is over: a trip, or the stop between two.
type Segment struct {
	Stop       bool
	Start, End time.Time
	// From and To are the ends of a trip. Of a stop both are its middle.
	From, To orb.Point
	// Distance of a trip in millimetres: whole numbers add up to the same in any order.
	Distance int64
	// MaxSpeed of a trip in metres a second, 0 when none is known.
	MaxSpeed float64
	// Idle is how long the engine ran during a stop.
	Idle time.Duration
}

// Change is a fact that holds from now on or, when it is retracted, no longer does.
type Change struct {
	Fact
	Retracted bool
	// InOrder says that the fix was newer than all of its device before it; Fresh, that
	// it was not received long after its time. Only what is in order may be told in
	// the present tense, and only what is also fresh may alert.
	InOrder, Fresh bool
}

// compareChanges puts what no longer holds before what holds, then goes by time and
// kind.
func compareChanges(a, b Change) int {
	if a.Retracted != b.Retracted {
		if a.Retracted {
			return -1
		}
		return 1
	}
	return cmp.Or(
		a.Stated.Compare(b.Stated), cmp.Compare(a.Kind, b.Kind), a.Segment.Start.Compare(b.Segment.Start),
		cmp.Compare(a.Zone, b.Zone), cmp.Compare(a.Condition, b.Condition),
	)
}
