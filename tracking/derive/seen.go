package derive

import (
	"time"

	"github.com/paulmach/orb"
)

// Seen is a stored fix as far as derivation looks at it.
type Seen struct {
	Time     time.Time
	Received time.Time
	Position orb.Point
	// Speed over ground in metres a second, NaN when unknown.
	Speed float64
	// Accuracy is the radius of the error in metres, NaN when unknown.
	Accuracy float64
	Signals  Signals
	// Vehicle is the key of the one that the device drove at the time, 0 for none.
	Vehicle int64
}

// Mark is a place and when the device was there. The zero value is none.
type Mark struct {
	Time     time.Time
	Position orb.Point
}

// IsZero says that there is none.
func (m Mark) IsZero() bool { return m.Time.IsZero() }

func markOf(fix *Seen) Mark { return Mark{fix.Time, fix.Position} }
