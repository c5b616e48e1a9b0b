package tracking

import "time"

// Motion is what a device, and so the vehicle that it is on, does now. The zero value is
// not known.
type Motion struct {
	Phase Phase
	// Since is when the trip or the stop under way began.
	Since time.Time
	// Odometer is the length in metres of all trips of the device, with the one under
	// way.
	Odometer float64
}

// Phase is what a vehicle may do.
type Phase uint8

// What a vehicle may do. The zero value is not known.
const (
	// Moving is on a trip.
	Moving Phase = iota + 1
	// Idling stands with the engine running.
	Idling
	// Stopped stands.
	Stopped
)
