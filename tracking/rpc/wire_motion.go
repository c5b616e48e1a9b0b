package rpc

import (
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// motionToWire sets what the position says of motion, nothing when that is not known.
func motionToWire(wire *trackingv1.Position, m tracking.Motion) {
	switch m.Phase {
	case tracking.Moving:
		wire.Motion = trackingv1.Motion_MOTION_MOVING
	case tracking.Idling:
		wire.Motion = trackingv1.Motion_MOTION_IDLING
	case tracking.Stopped:
		wire.Motion = trackingv1.Motion_MOTION_STOPPED
	default:
		return
	}
	wire.MotionStartTime, wire.Odometer = timeToWire(m.Since), &m.Odometer
}

// motionFromServer reads it. A motion that this version doesn't know is not known.
func motionFromServer(wire *trackingv1.Position) tracking.Motion {
	m := tracking.Motion{Since: timeFromWire(wire.GetMotionStartTime()), Odometer: wire.GetOdometer()}
	switch wire.GetMotion() {
	case trackingv1.Motion_MOTION_MOVING:
		m.Phase = tracking.Moving
	case trackingv1.Motion_MOTION_IDLING:
		m.Phase = tracking.Idling
	case trackingv1.Motion_MOTION_STOPPED:
		m.Phase = tracking.Stopped
	case trackingv1.Motion_MOTION_UNSPECIFIED:
		return tracking.Motion{}
	}
	return m
}
