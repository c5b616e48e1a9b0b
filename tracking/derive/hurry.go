package derive

import (
	"math"
	"slices"
)

// hurry states where the vehicle goes too fast: it begins above the limit and the
// tolerance, and ends at the limit or where the zone does. A fix without a speed, or
// with one that can't be, changes nothing in the zones that it is in. A unit that warns of
// its own limit is believed, as if it were the device's.
func hurry(f *fold) bool {
	state := &f.state
	speed := f.fix.Speed
	known := speed <= f.rules.MaxSpeed
	warns := f.fix.Signals.Alarm == Speeding
	for _, zone := range state.Speeding {
		if zone == 0 && warns || f.isIn(zone) && (!known || speed > f.limit(zone)) {
			continue
		}
		state.Speeding = without(state.Speeding, zone)
		f.say(Fact{Kind: Ended, Condition: Speeding, Zone: zone, Vehicle: f.fix.Vehicle})
	}
	if !known {
		if warns {
			f.speed(0, 0)
		}
		return true
	}
	if warns {
		f.speed(0, speed)
	}
	f.exceed(0, speed)
	for _, zone := range f.now {
		f.exceed(zone, speed)
	}
	return true
}

func (f *fold) exceed(zone int64, speed float64) {
	if speed > f.limit(zone)+f.rules.SpeedTolerance {
		f.speed(zone, speed)
	}
}

// speed states that the limit of the zone is broken from now on, unless it was already.
func (f *fold) speed(zone int64, speed float64) {
	if slices.Contains(f.state.Speeding, zone) {
		return
	}
	f.state.Speeding = with(f.state.Speeding, zone)
	f.say(Fact{Kind: Began, Condition: Speeding, Zone: zone, Value: speed, Vehicle: f.fix.Vehicle})
}

// isIn takes the device's own limit, zone 0, to hold everywhere.
func (f *fold) isIn(zone int64) bool {
	return zone == 0 || slices.Contains(f.now, zone)
}

// limit in metres a second, NaN for none, which no speed exceeds.
func (f *fold) limit(zone int64) float64 {
	if zone != 0 {
		return f.rules.Zones.SpeedLimit(zone)
	}
	if f.limits.Speed > 0 {
		return f.limits.Speed
	}
	return math.NaN()
}

// with and without give other slices: states may share theirs.
func with(zones []int64, zone int64) []int64 {
	at, _ := slices.BinarySearch(zones, zone)
	return slices.Insert(slices.Clone(zones), at, zone)
}

func without(zones []int64, zone int64) []int64 {
	rest := make([]int64, 0, len(zones)-1)
	for _, z := range zones {
		if z != zone {
			rest = append(rest, z)
		}
	}
	return rest
}
