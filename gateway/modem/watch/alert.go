package watch

import (
	"context"
	"time"
)

// Condition is something of a modem that holds for a time and that somebody should know of, by the word for it in storage.
type Condition string

// The conditions. Alert.Value says what was measured when one began.
const (
	// MemoryNearlyFull is a memory that will soon take in no more; percent.
	MemoryNearlyFull Condition = "memory_nearly_full"
	// WeakSignal is a signal with which texts get lost; dBm.
	WeakSignal Condition = "weak_signal"
	// NotRegistered is a SIM that the network does not have; seconds since it was lost.
	NotRegistered Condition = "not_registered"
	// Hanging is a modem that does not answer as it should, and was reset.
	Hanging Condition = "hanging"
	// PINRefused is a SIM that wants another PIN than the settings have, or its PUK.
	PINRefused Condition = "pin_refused"
	// SIMMissing is a modem without a SIM that works.
	SIMMissing Condition = "sim_missing"
	// Unplugged is a modem whose port is not there.
	Unplugged Condition = "unplugged"
)

// Conditions lists them all.
func Conditions() []Condition {
	return []Condition{MemoryNearlyFull, WeakSignal, NotRegistered, Hanging, PINRefused, SIMMissing, Unplugged}
}

// Alert is a condition that holds, or held.
type Alert struct {
	ID int64
	// Gateway is the host that the modem is at; Modem is its name there and Path that of its port.
	Gateway, Modem, Path string
	Condition            Condition
	// Value is what was measured when it began, in the unit that the condition says.
	Value float64
	// Detail is what was found when it began, for a person.
	Detail string
	// Opened is when it began, and Closed when it ended, zero while it holds.
	Opened, Closed time.Time
	// Acknowledged is when somebody said that it is seen to, zero before, and AcknowledgedBy who.
	Acknowledged   time.Time
	AcknowledgedBy string
}

// Filter says which alerts are wanted. The zero value is all.
type Filter struct {
	State State
	// Modem and Condition are those asked for; any when empty.
	Modem     string
	Condition Condition
}

// State is a part of all alerts.
type State uint8

const (
	// Any is all of them.
	Any State = iota
	// Open is one whose condition holds.
	Open
	// Pending is one that is open, or that nobody has acknowledged yet.
	Pending
)

// Page asks for a part of a list of alerts: those after the one that is given, at most Size.
type Page struct {
	// Open, Opened and ID are of the last alert of the page before; ID is zero for the first page.
	Open   bool
	Opened time.Time
	ID     int64
	Size   int
}

// Store keeps alerts. Its methods return tracking.ErrUnavailable when it is away.
type Store interface {
	// OpenAlerts gives the alerts of a gateway that hold as far as the store knows.
	OpenAlerts(ctx context.Context, gateway string) ([]Alert, error)
	// RecordAlerts notes beginnings (Closed is zero) and ends, in order and all or none. One that is noted already changes
	// nothing.
	RecordAlerts(ctx context.Context, changes []Alert) error
}
