package rpc

import (
	"context"

	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// RecordDeviceEvent records an event and says what became of it. It fails with
// [tracking.ErrUnavailable]; then nothing was decided.
func (c *Client) RecordDeviceEvent(ctx context.Context, event tracking.DeviceEvent) (tracking.Outcome, error) {
	// What the wire can't carry is found here.
	if refused := event.Check(); refused != nil {
		return *refused, nil
	}
	wire := eventToWire(&event)
	r, err := c.events.RecordDeviceEvent(ctx, &trackingv1.RecordDeviceEventRequest{Parent: wire.GetDevice(), Event: wire})
	if err != nil {
		return tracking.Outcome{}, understood(ctx, err)
	}
	return outcomeFromWire(r), nil
}
