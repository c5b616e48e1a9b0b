package modem

import (
	"fmt"
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
	SIMMissing   State = "sim_missing"  // There is no SIM, or none that works.
	Unplugged    State = "unplugged"    // There is no port at its path.
	Double       State = "double"       // It is another port of a modem that runs already.
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
	Path  string // Of its port.
	State State
	Since time.Time // When it came into this state.

	Maker, Model, Revision string
	IMEI                   string
	ICCID                  string // Of the SIM card, as printed on it.
	IMSI                   string
	Number                 string // The SIM's own, where it knows it.

	Operator     string
	Registration Registration
	Lost         time.Time // Since when it is not registered; zero while it is.
	Signal       int       // dBm, negative; 0 when unknown.
	Temperature  float64   // Degrees Celsius; NaN when the modem doesn't say.

	Memories []MemoryStatus
	Waiting  int // Messages in the memories that are not committed.

	Resets        int  // How often a rung was climbed to get it, or its network, back.
	LastReset     Rung // Empty when none was.
	LastResetTime time.Time
	LastHangTime  time.Time // When it was last reset because it failed.

	LastError     string
	LastErrorTime time.Time
	LastTextTime  time.Time // When a text was last committed.
}

// Deaf says why a modem that is not ready doesn't receive, for a person.
func (s *Status) Deaf() string {
	why := map[State]string{
		Closed: "is not started", Opening: "can't be opened or doesn't answer", Initialising: "is being set up",
		PINRefused: "has a SIM that wants its PIN", SIMMissing: "has no SIM that works", Unplugged: "is unplugged",
		Double: "is another port of one that runs",
	}[s.State]
	text := fmt.Sprintf("%s %s since %s", s.Name, why, s.Since.Format(time.DateTime+" UTC"))
	if s.LastError != "" && s.State != Unplugged {
		text += ": " + s.LastError
	}
	return text
}

// MemoryStatus is how full a memory is.
type MemoryStatus struct {
	Memory sms.Memory
	sms.Usage
}
