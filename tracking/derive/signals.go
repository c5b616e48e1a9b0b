package derive

import (
	"encoding/json"
	"math"
)

// Signals are what the attributes of a fix say that derivation understands. The zero
// value says nothing.
type Signals struct {
	// Ignition is the attribute ignition, whether the engine runs.
	Ignition Flag
	// Power is external_power, whether the unit has power from outside.
	Power Flag
	// Door is door_open.
	Door Flag
	// Shock is shock: it was hit since the fix before.
	Shock Flag
	// Battery is battery_percent, 0 to 100.
	Battery Reading
	// Temperature is temperature_celsius.
	Temperature Reading
	// Tilt is tilt_degrees from upright.
	Tilt Reading
	// Alarm is alarm, what the unit warns of by itself; none when that is no condition.
	Alarm Condition
}

// Flag is yes, no, or unknown.
type Flag uint8

// What a flag says. The zero value is unknown.
const (
	Unknown Flag = iota
	No
	Yes
)

// Reading is a number that a sensor may have said.
type Reading struct {
	Value float64
	Known bool
}

// SignalsOf reads attributes, as they are in memory or come out of JSON. What is not of
// the type that the name asks for says nothing.
func SignalsOf(attributes map[string]any) Signals {
	if len(attributes) == 0 {
		return Signals{}
	}
	return Signals{
		Ignition: flagOf(attributes["ignition"]), Power: flagOf(attributes["external_power"]),
		Door: flagOf(attributes["door_open"]), Shock: flagOf(attributes["shock"]),
		Battery:     readingOf(attributes["battery_percent"]),
		Temperature: readingOf(attributes["temperature_celsius"]),
		Tilt:        readingOf(attributes["tilt_degrees"]),
		Alarm:       alarmOf(attributes["alarm"]),
	}
}

// alarmOf gives the condition that an alarm is the beginning of. Where the value matters
// more than the word, as with a temperature, a word alone says nothing.
func alarmOf(value any) Condition {
	word, ok := value.(string)
	if !ok {
		return 0
	}
	for _, c := range [...]Condition{SOS, PowerCut, LowBattery, Shock, DoorOpen, Speeding} {
		if c.String() == word {
			return c
		}
	}
	return 0
}

func flagOf(value any) Flag {
	switch value {
	case true:
		return Yes
	case false:
		return No
	}
	return Unknown
}

func readingOf(value any) Reading {
	var v float64
	switch value := value.(type) {
	case float64:
		v = value
	case int:
		v = float64(value)
	case int64:
		v = float64(value)
	case json.Number:
		var err error
		if v, err = value.Float64(); err != nil {
			return Reading{}
		}
	default:
		return Reading{}
	}
	return Reading{Value: v, Known: !math.IsNaN(v) && !math.IsInf(v, 0)}
}
