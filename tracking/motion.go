package tracking

import (
	"time"

	"github.com/paulmach/orb"
)

// Zones finds the zones that a point is in. The index of geo/zone does.
type Zones interface {
	// At appends the keys of the zones that contain the point to dst, ascending and
	// each once.
	At(dst []int64, point orb.Point) []int64
}

// State is what derivation remembers of a device between two batches.
type State struct {
	// Newest is the time of the newest stored fix, zero when there is none.
	Newest time.Time
	// Zones are those that the newest fix was in, ascending.
	Zones []int64
	// Vehicle is the key of the one that they were told of, 0 for none.
	Vehicle int64
}

// Seen is a stored fix as far as derivation looks at it.
type Seen struct {
	Time     time.Time
	Received time.Time
	Position orb.Point
	// Vehicle is the key of the one whose transitions the device drove at the time, 0
	// for none.
	Vehicle int64
}

// Gap is a pair of neighbours among the fixes that were stored before a batch,
// between which fixes of the batch fell.
type Gap struct {
	// Before is nil when After was the first of all.
	Before *Seen
	After  Seen
	// Stated are the transitions that hold at After.Time, in any order.
	Stated []Edge
}

// Edge is a zone's border that lies between two neighbouring fixes.
type Edge struct {
	Zone int64
	Kind TransitionKind
}

// News is what a batch adds to one device.
type News struct {
	State State
	// Fixes are those that the batch stored, ascending by time.
	Fixes []Seen
	// Gaps are where those fell that are older than State.Newest, ascending.
	Gaps []Gap
}

// Change is a transition that holds from now on or, when it is retracted, no
// longer does.
type Change struct {
	Edge
	Time      time.Time
	Retracted bool
	// InOrder and Fresh are as in [Transition].
	InOrder, Fresh bool
}

// Derived is what follows from [News].
type Derived struct {
	State   State
	Changes []Change
	// InOrder is how many of the fixes were newer than all that were stored
	// before: so many of the last.
	InOrder int
}
