package tracking

import (
	"math"
	"time"
)

// Limits say what is to be told of a device. The zero value of each is no limit, but for
// SilentAfter.
type Limits struct {
	// Speed in metres a second, everywhere.
	Speed float64
	// MinTemperature and MaxTemperature in degrees Celsius; nil for none.
	MinTemperature, MaxTemperature *float64
	// Tilt in degrees from upright.
	Tilt float64
	// Door says that an open door is to be told.
	Door bool
	// SilentAfter is how long it may be silent: zero for as long as the setting for all
	// says, and [NeverSilent] for ever.
	SilentAfter time.Duration
}

// NeverSilent is the SilentAfter of a device that may be silent for ever.
const NeverSilent time.Duration = -1

// absoluteZero in degrees Celsius.
const absoluteZero = -273.15

// shortestSilence is the least that makes sense: units that report once a minute are
// late now and then.
const shortestSilence = time.Minute

func (l Limits) check() error {
	if !(l.Speed >= 0) || math.IsInf(l.Speed, 1) {
		return invalid("limits.speed", "give metres a second, more than 0; leave it out for no limit")
	}
	if !(l.Tilt >= 0 && l.Tilt <= 180) {
		return invalid("limits.tilt", "give degrees from upright, more than 0 and at most 180; leave it out for no limit")
	}
	for field, t := range map[string]*float64{"limits.min_temperature": l.MinTemperature, "limits.max_temperature": l.MaxTemperature} {
		if t != nil && (!(*t >= absoluteZero) || math.IsInf(*t, 1)) {
			return invalid(field, "give degrees Celsius, from absolute zero on; leave it out for no limit")
		}
	}
	if l.MinTemperature != nil && l.MaxTemperature != nil && *l.MinTemperature >= *l.MaxTemperature {
		return invalid("limits.max_temperature", "give one above min_temperature")
	}
	if l.SilentAfter != 0 && l.SilentAfter != NeverSilent && l.SilentAfter < shortestSilence {
		return invalid("limits.silent_after", "give a minute or more, 0 for never, or leave it out for the setting of all devices")
	}
	return nil
}
