package mqtt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"

	"waybill/gateway"
	"waybill/tracking"
)

// OnPublish waits until everything in the message is durable. mochi acknowledges when it returns: with
// CodeSuccessIgnore it does, and passes nothing on; with ErrRejectPacket it does not.
func (h *hook) OnPublish(client *mochi.Client, pk packets.Packet) (packets.Packet, error) {
	c, ok := client.Net.Conn.(*conn)
	if !ok {
		return pk, packets.ErrRejectPacket
	}
	c.began = time.Now()
	h.metrics.publishes[pk.FixedHeader.Qos&3].Inc()
	m := &gateway.Message{
		Road: RoadEndpoint, Sender: c.device, Topic: pk.TopicName, Payload: pk.Payload, Received: c.began, Alone: true,
	}
	if c.skipped > 0 {
		m.Size = int64(len(pk.Payload) + c.skipped)
	}
	var err error
	h.workers.do(func() { err = h.accept(client, c, m) })
	switch {
	case err == nil:
		return pk, packets.CodeSuccessIgnore
	case pk.FixedHeader.Qos == 0:
		h.metrics.lost.Inc()
		return pk, packets.CodeSuccessIgnore
	default:
		h.metrics.unacknowledged.Inc()
		h.hangUp(client)
		return pk, packets.ErrRejectPacket
	}
}

// accept returns nil when everything in the message is durable.
func (h *hook) accept(client *mochi.Client, c *conn, m *gateway.Message) error {
	// The connection's end also ends the wait, so that a device that takes over its session leaves nobody waiting.
	ctx, cancel := context.WithTimeout(c.ctx, c.patience)
	defer cancel()
	welcome, err := h.welcome(ctx, c)
	switch {
	case err != nil:
	case welcome:
		err = h.intake.Accept(ctx, session{}, m)
	default:
		err = h.intake.Reject(ctx, m, c.device, &gateway.Rejection{Reason: gateway.ReasonDeviceDisabled})
		defer h.hangUp(client)
	}
	if err != nil {
		h.logFailure(ctx, c, err)
	}
	return err
}

// welcome says whether the device of the connection is still one that may report. It is asked now and then only.
func (h *hook) welcome(ctx context.Context, c *conn) (bool, error) {
	if c.began.Sub(c.checked) < h.settings.Recheck {
		return true, nil
	}
	device, err := h.directory.ByUID(ctx, c.device)
	switch {
	case errors.Is(err, tracking.ErrNotFound) || err == nil && device.Disabled:
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look the device up again: %w", err)
	}
	c.checked = c.began
	return true, nil
}

func (h *hook) logFailure(ctx context.Context, c *conn, err error) {
	level := slog.LevelError
	if tracking.IsRetryable(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		level = slog.LevelDebug // every device says so while a store is away; the counters and /readyz do it once
	}
	h.log.LogAttrs(ctx, level, "publish not acknowledged", slog.String("device", c.device), slog.Any("error", err))
}

// hangUp ends the connection, because only that makes a device of MQTT 3.1.1 send again what was not acknowledged.
func (h *hook) hangUp(client *mochi.Client) {
	if client.Properties.ProtocolVersion == 5 {
		_ = h.server.DisconnectClient(client, packets.ErrServerUnavailable)
	}
	client.Stop(errNotTaken)
}

// OnPublished comes when the acknowledgement is written.
func (h *hook) OnPublished(client *mochi.Client, pk packets.Packet) {
	if c, ok := client.Net.Conn.(*conn); ok && pk.FixedHeader.Qos > 0 {
		h.metrics.latency.Observe(time.Since(c.began).Seconds())
	}
}
