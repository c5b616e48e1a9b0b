package postgres

import (
	"waybill/tracking"
	"waybill/tracking/derive"
)

// motionOf is what the state says.
func motionOf(state *derive.State) tracking.Motion {
	m := &state.Motion
	motion := tracking.Motion{Since: m.Since}
	switch m.Phase() {
	case derive.NeverSeen:
		return motion
	case derive.Moving:
		motion.Phase = tracking.Moving
	case derive.Idling:
		motion.Phase = tracking.Idling
	case derive.Stopped:
		motion.Phase = tracking.Stopped
	}
	distance := state.Odometer
	if !m.Standing {
		distance += m.Distance
	}
	const millimetres = 1000
	motion.Odometer = float64(distance) / millimetres
	return motion
}
