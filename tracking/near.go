package tracking

import (
	"context"
	"time"

	"github.com/paulmach/orb"

	"waybill/geo"
)

const (
	// MaxNearRadius bounds NearQuery.Radius, in metres.
	MaxNearRadius = 100_000.0
	// MaxNearSpan bounds the time between NearQuery.From and To.
	MaxNearSpan = 31 * 24 * time.Hour
)

// Near knows who was where.
type Near interface {
	// Passages lists who was near a place, by device and then by time. Second devices
	// of vehicles are listed as well.
	//
	// It fails with a [FieldError] of [ErrInvalid] when the query doesn't make sense,
	// with [ErrTooMuch] when it can't be answered in time, and with [ErrUnavailable].
	Passages(ctx context.Context, query NearQuery) ([]Passage, error)
}

// NearQuery asks who was within a distance of a place in a time.
type NearQuery struct {
	Center orb.Point
	// Radius is in metres on the sphere of package geo; a fix at that distance is near.
	Radius float64
	// From is inclusive, To exclusive.
	From, To time.Time
	// Page is what is asked for of the answer.
	Page PassagePage
}

// PassagePage asks for a part of a list of passages.
type PassagePage struct {
	// Device and First are of the passage after which the page begins; zero for the
	// first page.
	Device string
	First  time.Time
	// Size is how many at most.
	Size int
}

// Passage is what a device reported near a place, on one vehicle: when the device was
// moved to another vehicle in the time, there are two.
type Passage struct {
	Device string
	// Vehicle is what it was on; empty for none.
	Vehicle string
	// DisplayName is what people call the vehicle, or the device that was on none.
	DisplayName string
	// First and Last are the times of the first and the last fix near the place. It
	// may have been away in between.
	First, Last time.Time
	// Fixes is how many were near.
	Fixes int64
	// Closest is the least of their distances in metres, and ClosestTime the time of
	// the (first) fix that had it.
	Closest     float64
	ClosestTime time.Time
}

// Check says what is wrong with the query, as a [FieldError].
func (q NearQuery) Check() error {
	switch {
	case !geo.Valid(q.Center):
		return invalid("circle.center", "give a longitude from -180 to 180 and a latitude from -90 to 90 degrees")
	case !(q.Radius > 0 && q.Radius <= MaxNearRadius): // and NaN
		return invalid("circle.radius", "give metres, more than 0 and at most 100000")
	case q.From.IsZero():
		return invalid("from_time", "say from when on")
	case !q.To.After(q.From):
		return invalid("to_time", "give a time after from_time")
	case q.To.Sub(q.From) > MaxNearSpan:
		return invalid("to_time", "ask for 31 days at a time at most")
	}
	return nil
}
