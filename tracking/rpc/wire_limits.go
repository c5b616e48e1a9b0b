package rpc

import (
	"google.golang.org/protobuf/types/known/durationpb"

	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// deviceLimitsToWire is nil for a device that has none.
func deviceLimitsToWire(l tracking.Limits) *trackingv1.DeviceLimits {
	if l == (tracking.Limits{}) {
		return nil
	}
	wire := &trackingv1.DeviceLimits{MinTemperature: l.MinTemperature, MaxTemperature: l.MaxTemperature, DoorOpen: l.Door}
	if l.Speed > 0 {
		wire.Speed = &l.Speed
	}
	if l.Tilt > 0 {
		wire.Tilt = &l.Tilt
	}
	if l.SilentAfter != 0 {
		wire.SilentAfter = durationpb.New(max(l.SilentAfter, 0)) // never is zero
	}
	return wire
}

func deviceLimitsFromWire(wire *trackingv1.DeviceLimits) (tracking.Limits, error) {
	l := tracking.Limits{
		Speed: wire.GetSpeed(), Tilt: wire.GetTilt(), Door: wire.GetDoorOpen(),
	}
	if wire == nil {
		return l, nil
	}
	l.MinTemperature, l.MaxTemperature = wire.MinTemperature, wire.MaxTemperature
	if wire.GetSilentAfter() == nil {
		return l, nil
	}
	if wire.GetSilentAfter().CheckValid() != nil || wire.GetSilentAfter().AsDuration() < 0 {
		return l, rpcerr.Invalid(rpcerr.Field("device.limits.silent_after", "give a time like 1800s, 0s for never, or leave it out"))
	}
	l.SilentAfter = wire.GetSilentAfter().AsDuration()
	if l.SilentAfter == 0 {
		l.SilentAfter = tracking.NeverSilent
	}
	return l, nil
}
