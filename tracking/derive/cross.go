package derive

import "slices"

// cross states the borders of zones between the fix before and this one. When the
// device has come to another vehicle, that one has arrived wherever it is, and what the
// former one left nobody knows.
func cross(f *fold) bool {
	f.now = f.rules.Zones.At(f.now[:0], f.fix.Position)
	before, after := f.state.Zones, f.now
	vehicle := f.fix.Vehicle
	if slices.Equal(before, after) && vehicle == f.state.Vehicle {
		return true
	}
	if vehicle != 0 && vehicle != f.state.Vehicle {
		before = nil
	}
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0] < after[0]:
			f.say(Fact{Kind: Departed, Zone: before[0], Vehicle: vehicle})
			before = before[1:]
		case len(before) == 0 || after[0] < before[0]:
			f.say(Fact{Kind: Arrived, Zone: after[0], Vehicle: vehicle})
			after = after[1:]
		default:
			before, after = before[1:], after[1:]
		}
	}
	// The state may be shared with whoever gave it: another slice, never another content.
	f.state.Zones, f.state.Vehicle = slices.Clone(f.now), vehicle
	return true
}
