package tracking

import "time"

// Position is where a device was last seen in order, and the vehicle it is on.
type Position struct {
	Device  string
	Vehicle string
	// Received is when the fix reached the gateway.
	Received time.Time
	Fix      Fix
}
