package tracking

import "time"

// Record is a report that has passed identification and validation: what a
// [Store] commits. Its values are exactly those that come back out of storage.
type Record struct {
	// DeviceID is the store's key of the device, DeviceUID its public id.
	DeviceID  int64
	DeviceUID string
	// Received is when the gateway had the report in hand, at [Resolution].
	Received time.Time
	Source   string
	// Fix is normalised by [Validate]: in UTC, floats at the precision of storage.
	Fix Fix
	// Attributes is Fix.Attributes as JSON, nil when there are none.
	Attributes []byte
}
