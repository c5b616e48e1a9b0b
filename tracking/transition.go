package tracking

import "time"

// Transition is something that followed from stored fixes: a vehicle arrived at a
// zone or left it. It is written in the transaction of the fixes it follows from.
//
// The transitions of a device are a function of the set of its stored fixes: each
// pair of neighbours in time order gives those between them. A late fix splits a
// pair in two, so the old pair's transitions are retracted and the two new pairs'
// are stated.
type Transition struct {
	// ID orders the transitions of one vehicle.
	ID      int64
	Device  string
	Vehicle string
	Zone    string
	// Owner is the resource name of the facility or site whose ground the zone is,
	// or empty.
	Owner string
	Kind  TransitionKind
	// Time is the fix_time of the fix that showed it.
	Time time.Time
	// Retracted says that an earlier statement of the same transition no longer
	// holds.
	Retracted bool
	// InOrder says that the fix was the newest of its device when it was stored;
	// Fresh, that it was not received long after its time. Only what is in order
	// may be told in the present tense, and only what is also fresh may alert.
	InOrder, Fresh bool
}

// TransitionKind tells transitions apart.
type TransitionKind string

const (
	// Arrived means that a fix was inside a zone and the one before was not, or was
	// not of this vehicle: so a vehicle that gets a device in a zone is in it.
	Arrived TransitionKind = "arrived"
	// Departed means that a fix was outside a zone and the one before was inside.
	Departed TransitionKind = "departed"
)

// Visit is the time that a vehicle spent in a zone, from the first fix inside to
// the first one outside. Departed is zero while it is still there.
type Visit struct {
	Vehicle  string
	Zone     string
	Owner    string
	Arrived  time.Time
	Departed time.Time
}
