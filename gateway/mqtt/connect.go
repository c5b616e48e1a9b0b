package mqtt

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"waybill/gateway"
	"waybill/tracking"
)

// connect decides about a connection, and answers.
func (s *service) connect(ctx context.Context, c *conn, f frame) error {
	pk := new(packets.Packet)
	if err := decode(pk, f, 0); err != nil {
		return err
	}
	if pk.FixedHeader.Type != packets.Connect {
		return packets.ErrProtocolViolationRequireFirstConnect
	}
	c.version = pk.ProtocolVersion
	if code := checkConnect(pk); code != packets.CodeSuccess {
		return errors.Join(errRefused, code, connack(c, code))
	}
	if s.intake.Down() || s.settings.Ready != nil && !s.settings.Ready() {
		return s.refuse(c, "unavailable", packets.ErrServerUnavailable)
	}
	username := string(pk.Connect.Username)
	device, err := s.authenticate(ctx, c, username, string(pk.Connect.Password))
	switch {
	case errors.Is(err, tracking.ErrUnauthenticated):
		if err := s.keepRefusal(ctx, c, username); err != nil {
			return s.refuse(c, "unavailable", packets.ErrServerUnavailable)
		}
		return s.refuse(c, "password", packets.ErrBadUsernameOrPassword)
	case err != nil:
		s.log.LogAttrs(ctx, slog.LevelDebug, "can't authenticate now", slog.String("device", username), slog.Any("error", err))
		return s.refuse(c, "unavailable", packets.ErrServerUnavailable)
	}
	c.device, c.client, c.checked = device.UID, pk.Connect.ClientIdentifier, time.Now()
	keepAlive := time.Duration(pk.Connect.Keepalive) * time.Second
	c.silence, c.patience = keepAlive*3/2, patience(s.settings.CommitTimeout, keepAlive)
	return s.admit(c, pk)
}

// checkConnect says what is wrong with a CONNECT.
func checkConnect(pk *packets.Packet) packets.Code {
	if code := pk.ConnectValidate(); code != packets.CodeSuccess {
		return code
	}
	if pk.ProtocolVersion < 5 && !pk.Connect.Clean && pk.Connect.ClientIdentifier == "" {
		return packets.ErrClientIdentifierNotValid // MQTT 3.1.1, 3.1.3.1
	}
	return packets.CodeSuccess
}

// admit begins the session. A device takes over its own sessions only, whatever client id it gives.
func (s *service) admit(c *conn, pk *packets.Packet) error {
	answer := &packets.Packet{}
	if c.client == "" {
		c.client = rand.Text()
		answer.Properties.AssignedClientID = c.client
	}
	if pk.Properties.SessionExpiryInterval > 0 {
		answer.Properties.SessionExpiryIntervalFlag = true // of 0: nothing is kept
	}
	if old := s.sessions.enter(c); old != nil {
		if old.version == 5 {
			disconnect(old, packets.ErrSessionTakenOver)
		}
		_ = old.Close()
	}
	return send(c, packets.Connack, answer)
}

func (s *service) authenticate(ctx context.Context, c *conn, username, password string) (tracking.Device, error) {
	if username == "" {
		return tracking.Device{}, tracking.ErrUnauthenticated
	}
	device, err := s.directory.Authenticate(ctx, username, password)
	if err != nil && c.ctx.Err() == nil {
		s.intake.Missed(err)
	}
	return device, err
}

// keepRefusal makes a wrong password visible, on the account of the address that sent it.
func (s *service) keepRefusal(ctx context.Context, c *conn, username string) error {
	remote := c.RemoteAddr().String()
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	device := ""
	if d, err := s.directory.ByUID(ctx, username); err == nil {
		device = d.UID
	}
	detail := "the connection from " + host + " was refused: no device has this name and password, or it is disabled"
	return s.intake.Reject(ctx, &gateway.Message{
		Road: RoadEndpoint, Sender: username, Origin: "address " + host, Received: time.Now(), Alone: true,
	}, device, &gateway.Rejection{Reason: gateway.ReasonWrongPassword, Detail: detail})
}

func (s *service) refuse(c *conn, reason string, code packets.Code) error {
	s.metrics.refused.WithLabelValues(reason).Inc()
	return errors.Join(errRefused, connack(c, code))
}

// patience is how long a publish may wait: at most three quarters of the keep-alive, 0 for none.
func patience(usual, keepAlive time.Duration) time.Duration {
	if keepAlive == 0 {
		return usual
	}
	return min(usual, keepAlive*3/4)
}
