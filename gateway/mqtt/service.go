package mqtt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"waybill/gateway"
)

const (
	// logins is how many devices are looked up at once, when all of them come back together.
	logins = 64
	// atWork is how many packets are worked on at once: enough for large batches. The others wait, which costs less.
	atWork = 1024
)

// service speaks MQTT with devices: 3.1, 3.1.1 and 5. It is an endpoint and no broker: what is published is taken and
// passed on to nobody, and sessions hold nothing, because a redelivered publish is absorbed by the key of its fixes.
type service struct {
	settings  EndpointSettings
	intake    *gateway.Intake
	directory gateway.Directory
	log       *slog.Logger
	metrics   *endpointMetrics
	logins    *workers // for CONNECT
	workers   *workers // for all that comes after it
	sessions  *sessions
	packets   sync.Pool // of *packets.Packet, which are large
}

func newService(s EndpointSettings, intake *gateway.Intake, directory gateway.Directory, log *slog.Logger, m *endpointMetrics) *service {
	return &service{
		settings: s, intake: intake, directory: directory, log: log, metrics: m,
		logins: newWorkers(logins), workers: newWorkers(atWork), sessions: newSessions(),
		packets: sync.Pool{New: func() any { return new(packets.Packet) }},
	}
}

// Errors that end a connection.
var (
	errRefused     = errors.New("connection refused")
	errNotTaken    = errors.New("publish not taken")
	errGoodbye     = errors.New("the device has disconnected")
	errNoSuchThing = errors.New("no packet that a device sends")
)

// serve speaks with a device until its connection ends. Ten thousand of these wait at a time: so they only read, and
// workers do the rest.
func (s *service) serve(c *conn) {
	cause := s.welcomeIn(c)
	if cause == nil {
		s.metrics.connected.Inc()
		for cause == nil {
			cause = s.serveNext(c)
		}
		s.metrics.connected.Dec()
		s.sessions.leave(c)
		s.log.LogAttrs(c.ctx, slog.LevelDebug, "device disconnected", slog.String("device", c.device), slog.Any("cause", cause))
	}
	if c.version == 5 && c.ctx.Err() == nil {
		_ = s.workers.do(c.ctx, func() { s.sayGoodbye(c, cause) })
	}
}

// welcomeIn takes the CONNECT.
func (s *service) welcomeIn(c *conn) error {
	if err := c.await(time.Now().Add(s.settings.ConnectTimeout)); err != nil {
		return err
	}
	f, err := c.next()
	if err != nil {
		return err
	}
	// Half of the time, so that the rest is left to say why not: the connection ends with all of it.
	ctx, cancel := context.WithTimeout(c.ctx, s.settings.ConnectTimeout/2)
	defer cancel()
	if full := s.logins.do(ctx, func() { err = s.connect(ctx, c, f) }); full != nil {
		s.metrics.refused.WithLabelValues("unavailable").Inc()
		return full
	}
	return err
}

func (s *service) serveNext(c *conn) error {
	var until time.Time
	if c.silence > 0 {
		until = time.Now().Add(c.silence)
	}
	if err := c.await(until); err != nil {
		return err
	}
	f, err := c.next()
	if err != nil {
		return err
	}
	began := time.Now()
	// The connection's end also ends the wait, so that a device that takes over its session leaves nobody waiting.
	ctx, cancel := context.WithTimeout(c.ctx, c.patience)
	defer cancel()
	if late := s.workers.do(ctx, func() { err = s.handle(ctx, c, f, began) }); late != nil {
		s.metrics.unacknowledged.Inc()
		return errors.Join(errNotTaken, late)
	}
	return err
}

// handle does what a packet asks for. An error ends the connection.
func (s *service) handle(ctx context.Context, c *conn, f frame, began time.Time) error {
	pk := s.packets.Get().(*packets.Packet) //nolint:errcheck,forcetypeassert // nothing else is in the pool
	defer func() {
		*pk = packets.Packet{}
		s.packets.Put(pk)
	}()
	if err := decode(pk, f, c.version); err != nil {
		return err
	}
	switch pk.FixedHeader.Type {
	case packets.Publish:
		return s.publish(ctx, c, pk, f.skipped, began)
	case packets.Pubrel:
		return acknowledge(c, packets.Pubcomp, pk.PacketID)
	case packets.Pingreq:
		return c.write([]byte{packets.Pingresp << 4, 0})
	case packets.Subscribe:
		return refuseSubscription(c, pk)
	case packets.Unsubscribe:
		return unsubscribe(c, pk)
	case packets.Puback, packets.Pubrec, packets.Pubcomp:
		return nil // of nothing that we sent
	case packets.Disconnect:
		return errGoodbye
	case packets.Connect:
		return packets.ErrProtocolViolationSecondConnect
	}
	return fmt.Errorf("%w: type %d", errNoSuchThing, pk.FixedHeader.Type)
}

// sayGoodbye tells a device of MQTT 5 why its connection ends; others can't be told.
func (s *service) sayGoodbye(c *conn, cause error) {
	if errors.Is(cause, errGoodbye) || errors.Is(cause, errRefused) {
		return
	}
	code := packets.ErrMalformedPacket
	switch {
	case c.draining.Load():
		code = packets.ErrServerShuttingDown
	case errors.Is(cause, errNotTaken):
		code = packets.ErrServerUnavailable
	case errors.Is(cause, errPacketTooLarge):
		code = packets.ErrPacketTooLarge
	default:
		_ = errors.As(cause, &code)
	}
	disconnect(c, code)
}
