package derive

// Condition is something that holds for a time and that somebody should know of.
type Condition uint8

// The conditions that follow from fixes.
const (
	// Speeding is faster than the limit of a zone, or of the device (zone 0).
	Speeding Condition = iota + 1
	// LowBattery is a battery of the unit that is nearly empty.
	LowBattery
	// PowerCut is a unit that has lost its power from outside.
	PowerCut
	// Temperature is outside of the device's limits.
	Temperature
	// DoorOpen is an open door.
	DoorOpen
	// Shock is a blow since the fix before.
	Shock
	// Tilt is more than the device's limit from upright.
	Tilt
	// SOS is a call for help: its button was pressed.
	SOS
)

// String is the word for it in storage and on the wire.
func (c Condition) String() string {
	switch c {
	case Speeding:
		return "speeding"
	case LowBattery:
		return "low_battery"
	case PowerCut:
		return "power_cut"
	case Temperature:
		return "temperature"
	case DoorOpen:
		return "door_open"
	case Shock:
		return "shock"
	case Tilt:
		return "tilt"
	case SOS:
		return "sos"
	}
	return "none"
}

// Conditions is the set of those that hold, besides Speeding, which holds by zone.
type Conditions uint16

// Has says whether the condition holds.
func (s Conditions) Has(c Condition) bool { return s&(1<<c) != 0 }

func (s Conditions) with(c Condition, holds bool) Conditions {
	if holds {
		return s | 1<<c
	}
	return s &^ (1 << c)
}
