package tracking

import (
	"context"
	"time"
)

// Condition is something that holds for a time and that somebody should know of, by the
// word for it in storage.
type Condition string

// The conditions. [Alert.Value] says what was measured when one began.
const (
	// Speeding is faster than the limit of a zone, or of the device; metres a second.
	Speeding Condition = "speeding"
	// LowBattery is a battery of the unit that is nearly empty; percent.
	LowBattery Condition = "low_battery"
	// PowerCut is a unit that has lost its power from outside.
	PowerCut Condition = "power_cut"
	// Temperature is outside of the device's limits; degrees Celsius.
	Temperature Condition = "temperature"
	// DoorOpen is an open door.
	DoorOpen Condition = "door_open"
	// Shock is a blow; its alert is over with the next fix.
	Shock Condition = "shock"
	// Tilt is more than the device's limit; degrees from upright.
	Tilt Condition = "tilt"
	// Silent is a device that has said nothing for longer than it may; seconds since it
	// was heard.
	Silent Condition = "silent"
	// Dwelling is a vehicle that is in a zone for longer than the zone's limit; seconds
	// in it.
	Dwelling Condition = "dwelling"
	// SOS is a call for help. It is over when somebody has acknowledged it, and not
	// before: a unit that is silent after it is no reason to forget it.
	SOS Condition = "sos"
)

// SOSQuiet is for how long after somebody has acknowledged a call for help those of the
// same device open no other alert: units repeat theirs every few minutes until they are
// told to stop.
const SOSQuiet = 10 * time.Minute

// Alert is a condition that holds, or held, and that was told when it began.
type Alert struct {
	ID int64
	// Device is a uid; Vehicle is that of the vehicle that it was on then, or empty.
	Device, Vehicle string
	// DisplayName is what people call the vehicle, or the device that was on none.
	DisplayName string
	Condition   Condition
	// Zone is the uid of the zone whose limit it is, or empty, and ZoneDisplayName what
	// people call it.
	Zone, ZoneDisplayName string
	// Value is what was measured when it began, in the unit that the condition says.
	Value float64
	// Opened is when it began, and Closed when it ended, zero while it holds.
	Opened, Closed time.Time
	// Acknowledged is when somebody said that it is seen to, zero before, and
	// AcknowledgedBy who.
	Acknowledged   time.Time
	AcknowledgedBy string
}

// AlertFilter says which alerts are wanted. The zero value is all.
type AlertFilter struct {
	State AlertState
	// Vehicle, Device and Condition are those asked for; any when empty.
	Vehicle, Device string
	Condition       Condition
}

// AlertState is a part of all alerts.
type AlertState uint8

const (
	// AnyAlert is all of them.
	AnyAlert AlertState = iota
	// OpenAlert is one whose condition holds.
	OpenAlert
	// PendingAlert is one that is open, or that nobody has acknowledged yet.
	PendingAlert
)

// AlertPage asks for a part of a list of alerts: those after the one that is given, at
// most Size.
type AlertPage struct {
	// Open, Opened and ID are of the last alert of the page before; ID is zero for the
	// first page.
	Open   bool
	Opened time.Time
	ID     int64
	Size   int
}

// Alerts is what is told of vehicles and devices. Every method may fail with
// [ErrUnavailable].
type Alerts interface {
	// Alerts lists those that hold first, the newest first. A vehicle or device that is
	// unknown has none.
	Alerts(ctx context.Context, filter AlertFilter, page AlertPage) ([]Alert, error)
	// Alert returns one, or [ErrNotFound].
	Alert(ctx context.Context, id int64) (Alert, error)
	// AcknowledgeAlert notes who sees to it. The first to say so stays. A call for help is
	// over with that. It fails with [ErrNotFound].
	AcknowledgeAlert(ctx context.Context, id int64, by string) (Alert, error)
}

// Held is a condition as history has it: when it began and ended, whether anybody was
// told or not.
type Held struct {
	// Device is a uid; Vehicle is that of the vehicle that it was on when it began, or
	// empty.
	Device, Vehicle string
	Condition       Condition
	// Zone is the uid of the zone whose limit it is, or empty.
	Zone string
	// Value is what was measured when it began.
	Value float64
	// Began and Ended are times of fixes; Ended is zero while it holds.
	Began, Ended time.Time
}

// HeldQuery asks for the conditions that began from From (inclusive; from the first when
// zero) to To (exclusive; to the last when zero).
type HeldQuery struct {
	// Vehicle is a uid, and Device is when that is empty.
	Vehicle, Device string
	From, To        time.Time
	// After is the last of the page before, and nil for the first page. At most Size are
	// returned.
	After *HeldKey
	Size  int
}

// HeldKey tells the conditions of a vehicle or device apart, in their order.
type HeldKey struct {
	Began     time.Time
	Device    string
	Condition Condition
	Zone      string
}

// Conditions is the history of conditions.
type Conditions interface {
	// Conditions lists them by the time when they began. It fails with [ErrNotFound] for
	// an unknown vehicle or device, and with [ErrUnavailable].
	Conditions(ctx context.Context, query HeldQuery) ([]Held, error)
}
