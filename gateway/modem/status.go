package modem

import (
	"time"

	"waybill/gateway/modem/sms"
)

// State is where a modem is in its life.
type State string

// The states.
const (
	Closed       State = "closed"       // Not running.
	Opening      State = "opening"      // The port is being opened, or waited for.
	Initialising State = "initialising" // It is open and being set up.
	Ready        State = "ready"        // It receives.
	PINRefused   State = "pin_refused"  // The SIM wants another PIN than the settings have.
)

// Registration is what the network thinks of the SIM (3GPP TS 27.007, 7.2).
type Registration string

// The registrations.
const (
	NotRegistered       Registration = "not_registered"
	Home                Registration = "home"
	Searching           Registration = "searching"
	Denied              Registration = "denied"
	UnknownRegistration Registration = "unknown"
	Roaming             Registration = "roaming"
)

// Status is what is known of a modem at a moment.
type Status struct {
	Name  string
	State State
	Since time.Time // When it came into this state.

	Maker, Model, Revision string
	IMEI                   string
	IMSI                   string

	Operator     string
	Registration Registration
	Signal       int // dBm, negative; 0 when unknown.

	Memories []MemoryStatus
	Waiting  int // Parts on the SIM whose other parts are missing.

	LastError     string
	LastErrorTime time.Time
	LastTextTime  time.Time // When a text was last committed.
}

// MemoryStatus is how full a memory is.
type MemoryStatus struct {
	Memory sms.Memory
	sms.Usage
}
