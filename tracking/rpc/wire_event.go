package rpc

import (
	"time"

	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

func eventToWire(e *tracking.DeviceEvent) *trackingv1.DeviceEvent {
	return &trackingv1.DeviceEvent{
		Device:      resourceName(devices, e.Device),
		EventId:     e.ID,
		Kind:        e.Kind,
		EventTime:   timeToWire(e.Time),
		ReceiveTime: timeToWire(e.Received),
		Source:      e.Source,
		Text:        e.Text,
		Vehicle:     resourceName(vehicles, e.Vehicle),
	}
}

// eventFromWire reads an event that came now. Only gateways say when and how they got it.
func eventFromWire(device string, wire *trackingv1.DeviceEvent, gateway bool, now time.Time) tracking.DeviceEvent {
	e := tracking.DeviceEvent{
		Device: device, ID: wire.GetEventId(), Kind: wire.GetKind(), Text: wire.GetText(),
		Time: now, Received: now, Source: directSource,
	}
	if t := wire.GetEventTime(); t.CheckValid() == nil {
		e.Time = t.AsTime()
	}
	if !gateway {
		return e
	}
	if t := wire.GetReceiveTime(); t.CheckValid() == nil {
		e.Received = t.AsTime()
	}
	if wire.GetSource() != "" {
		e.Source = wire.GetSource()
	}
	return e
}
