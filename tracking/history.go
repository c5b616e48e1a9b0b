package tracking

import (
	"context"
	"time"
)

// History is the fixes that are stored.
type History interface {
	// FixPage lists fixes of a device by time. It fails with [ErrNotFound] for an
	// unknown device, and with [ErrUnavailable].
	FixPage(ctx context.Context, query FixQuery) ([]Report, error)
}

// Tracks is what the tracks of vehicles are read from.
type Tracks interface {
	History
	// PrimaryFittings lists the primary fittings of the vehicle that overlap the time
	// from from (inclusive; all before when zero) to to (exclusive; all after when
	// zero), the earliest first. It fails with [ErrNotFound] for an unknown vehicle, and
	// with [ErrUnavailable].
	PrimaryFittings(ctx context.Context, vehicle string, from, to time.Time) ([]Fitting, error)
}

// FixQuery asks for a part of a device's track.
type FixQuery struct {
	// Device is a uid.
	Device string
	// From is inclusive, and the beginning of the track when zero; To is exclusive,
	// and its end when zero.
	From, To time.Time
	// After is the time of the fix after which the page begins (in the order that is
	// asked for); zero for the first page.
	After time.Time
	// Size is how many at most.
	Size int
	// Descending asks for the newest first.
	Descending bool
	// Bare asks for no attributes, which cost as much to read as all the rest.
	Bare bool
}
