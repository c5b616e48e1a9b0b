package mqtt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"waybill/gateway"
	"waybill/tracking"
)

// publish takes a message and acknowledges it when everything in it is durable.
func (s *service) publish(ctx context.Context, c *conn, pk *packets.Packet, skipped int, began time.Time) error {
	qos := pk.FixedHeader.Qos
	if qos > 0 && pk.PacketID == 0 {
		return packets.ErrProtocolViolationNoPacketID
	}
	if pk.Properties.TopicAliasFlag {
		return packets.ErrTopicAliasInvalid // we have said that we take none
	}
	s.metrics.publishes[qos].Inc()
	m := &gateway.Message{
		Road: RoadEndpoint, Sender: c.device, Topic: pk.TopicName, Payload: pk.Payload, Received: began, Alone: true,
	}
	if skipped > 0 {
		m.Size = int64(len(pk.Payload) + skipped)
	}
	err := s.accept(ctx, c, m)
	switch {
	case errors.Is(err, errUnwelcome):
		_ = s.answerPublish(c, pk, began) // it is kept; that the device hears of it is not worth more
		return err
	case err == nil:
		return s.answerPublish(c, pk, began)
	case qos == 0:
		s.metrics.lost.Inc()
		return nil
	default:
		// Only the end of the connection makes a device of MQTT 3.1.1 send again what was not acknowledged.
		s.metrics.unacknowledged.Inc()
		return errors.Join(errNotTaken, err)
	}
}

// answerPublish acknowledges what is durable.
func (s *service) answerPublish(c *conn, pk *packets.Packet, began time.Time) error {
	kind := packets.Puback
	switch pk.FixedHeader.Qos {
	case 0:
		return nil
	case 2:
		kind = packets.Pubrec
	}
	if err := acknowledge(c, kind, pk.PacketID); err != nil {
		return err
	}
	s.metrics.latency.Observe(time.Since(began).Seconds())
	return nil
}

// errUnwelcome says that the message is kept, and its device disabled.
var errUnwelcome = errors.New("the device is disabled")

// accept returns nil when everything in the message is durable.
func (s *service) accept(ctx context.Context, c *conn, m *gateway.Message) error {
	welcome, err := s.welcome(ctx, c, m.Received)
	switch {
	case err != nil:
	case welcome:
		err = s.intake.Accept(ctx, session{}, m)
	default:
		if err = s.intake.Reject(ctx, m, c.device, &gateway.Rejection{Reason: gateway.ReasonDeviceDisabled}); err == nil {
			return errUnwelcome
		}
	}
	if err != nil {
		s.logFailure(ctx, c, err)
	}
	return err
}

// welcome says whether the device of the connection is still one that may report. It is asked now and then only.
func (s *service) welcome(ctx context.Context, c *conn, now time.Time) (bool, error) {
	if now.Sub(c.checked) < s.settings.Recheck {
		return true, nil
	}
	device, err := s.directory.ByUID(ctx, c.device)
	switch {
	case errors.Is(err, tracking.ErrNotFound) || err == nil && device.Disabled:
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look the device up again: %w", err)
	}
	c.checked = now
	return true, nil
}

func (s *service) logFailure(ctx context.Context, c *conn, err error) {
	level := slog.LevelError
	if tracking.IsRetryable(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		level = slog.LevelDebug // every device says so while a store is away; the counters and /readyz do it once
	}
	s.log.LogAttrs(ctx, level, "publish not acknowledged", slog.String("device", c.device), slog.Any("error", err))
}
