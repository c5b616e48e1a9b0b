package tracking

import "time"

// Position is where a device was last seen in order, and the vehicle it is on.
type Position struct {
	Device  string
	Vehicle string
	// DisplayName is what people call the vehicle, or the device that is on none.
	// It is empty where only motion is known, as in what a [Hub] tells.
	DisplayName string
	// Received is when the fix reached the gateway.
	Received time.Time
	Fix      Fix
	// Motion is what it does since when; not known of a position of the past.
	Motion Motion
}
