package mqtt

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"

	"waybill/gateway"
	"waybill/tracking"
)

// logins is how many devices are looked up at once, when all of them come back together.
const logins = 64

// hook is called by mochi, on each client's own goroutine.
type hook struct {
	mochi.HookBase
	settings  EndpointSettings
	intake    *gateway.Intake
	directory gateway.Directory
	log       *slog.Logger
	metrics   *endpointMetrics
	server    *mochi.Server
	logins    chan struct{} // one slot a device that is being looked up
	workers   *workers
}

func newHook(s EndpointSettings, intake *gateway.Intake, directory gateway.Directory, log *slog.Logger, m *endpointMetrics) *hook {
	return &hook{settings: s, intake: intake, directory: directory, log: log, metrics: m, logins: make(chan struct{}, logins), workers: newWorkers()}
}

// ID implements [mochi.Hook].
func (h *hook) ID() string { return "waybill" }

// Provides implements [mochi.Hook].
func (h *hook) Provides(b byte) bool {
	switch b {
	case mochi.OnConnect, mochi.OnConnectAuthenticate, mochi.OnACLCheck, mochi.OnSessionEstablished, mochi.OnDisconnect,
		mochi.OnPacketRead, mochi.OnPublish, mochi.OnPublished:
		return true
	}
	return false
}

// Errors with which mochi is told to end a connection.
var (
	errRefused  = errors.New("connection refused")
	errNotTaken = errors.New("publish not taken")
)

// OnConnect decides about a connection, because here, unlike in OnConnectAuthenticate, we choose the CONNACK.
func (h *hook) OnConnect(client *mochi.Client, pk packets.Packet) error {
	c, ok := client.Net.Conn.(*conn)
	if !ok {
		return errRefused
	}
	if h.intake.Down() || h.settings.Ready != nil && !h.settings.Ready() {
		return h.refuse(client, "unavailable", packets.ErrServerUnavailable)
	}
	// Half of the time, so that the rest is left to say why not: the connection ends with all of it.
	ctx, cancel := context.WithTimeout(c.ctx, h.settings.ConnectTimeout/2)
	defer cancel()
	username, password := string(pk.Connect.Username), string(pk.Connect.Password)
	var device tracking.Device
	var err error
	h.workers.do(func() { device, err = h.authenticate(ctx, c, username, password) })
	switch {
	case errors.Is(err, tracking.ErrUnauthenticated):
		if err := h.keepRefusal(ctx, client, username); err != nil {
			return h.refuse(client, "unavailable", packets.ErrServerUnavailable)
		}
		return h.refuse(client, "password", badPassword(client))
	case err != nil:
		h.log.LogAttrs(ctx, slog.LevelDebug, "can't authenticate now", slog.String("device", username), slog.Any("error", err))
		return h.refuse(client, "unavailable", packets.ErrServerUnavailable)
	}
	c.device, c.checked = device.UID, time.Now()
	c.patience = patience(h.settings.CommitTimeout, pk.Connect.Keepalive)
	// A device takes over its own sessions only, whatever client id it gives. There is nothing to keep in a session,
	// and nobody to tell a last will.
	client.ID = device.UID + "\x1f" + client.ID
	client.Properties.Clean = true
	client.Properties.Will = mochi.Will{}
	return nil
}

func (h *hook) authenticate(ctx context.Context, c *conn, username, password string) (tracking.Device, error) {
	select {
	case h.logins <- struct{}{}:
		defer func() { <-h.logins }()
	case <-ctx.Done():
		return tracking.Device{}, ctx.Err()
	}
	if username == "" {
		return tracking.Device{}, tracking.ErrUnauthenticated
	}
	device, err := h.directory.Authenticate(ctx, username, password)
	if err != nil && c.ctx.Err() == nil {
		h.intake.Missed(err)
	}
	return device, err
}

// keepRefusal makes a wrong password visible, on the account of the address that sent it.
func (h *hook) keepRefusal(ctx context.Context, client *mochi.Client, username string) error {
	host, _, err := net.SplitHostPort(client.Net.Remote)
	if err != nil {
		host = client.Net.Remote
	}
	device := ""
	if d, err := h.directory.ByUID(ctx, username); err == nil {
		device = d.UID
	}
	detail := "the connection from " + host + " was refused: no device has this name and password, or it is disabled"
	return h.intake.Reject(ctx, &gateway.Message{
		Road: RoadEndpoint, Sender: username, Origin: "address " + host, Received: time.Now(), Alone: true,
	}, device, &gateway.Rejection{Reason: gateway.ReasonWrongPassword, Detail: detail})
}

// badPassword is the CONNACK for it: 4 for MQTT 3, 0x86 for MQTT 5.
func badPassword(client *mochi.Client) packets.Code {
	if client.Properties.ProtocolVersion < 5 {
		return packets.ErrMalformedPassword // which mochi sends as 4
	}
	return packets.ErrBadUsernameOrPassword
}

func (h *hook) refuse(client *mochi.Client, reason string, code packets.Code) error {
	h.metrics.refused.WithLabelValues(reason).Inc()
	return errors.Join(errRefused, h.server.SendConnack(client, code, false, nil))
}

// patience is how long a publish may wait: at most three quarters of the keep-alive (in seconds, 0 for none).
func patience(usual time.Duration, keepalive uint16) time.Duration {
	if keepalive == 0 {
		return usual
	}
	return min(usual, time.Duration(keepalive)*time.Second*3/4)
}

// OnConnectAuthenticate agrees: OnConnect has decided.
func (h *hook) OnConnectAuthenticate(*mochi.Client, packets.Packet) bool { return true }

// OnACLCheck lets everything be published, because a refusal would disconnect a device that sends the same again for
// ever; OnPublish keeps what isn't its own. Subscriptions are refused in the SUBACK.
func (h *hook) OnACLCheck(_ *mochi.Client, _ string, write bool) bool { return write }

// OnSessionEstablished counts.
func (h *hook) OnSessionEstablished(*mochi.Client, packets.Packet) { h.metrics.connected.Inc() }

// OnDisconnect counts.
func (h *hook) OnDisconnect(client *mochi.Client, cause error, _ bool) {
	h.metrics.connected.Dec()
	if c, ok := client.Net.Conn.(*conn); ok {
		h.log.LogAttrs(c.ctx, slog.LevelDebug, "device disconnected", slog.String("device", c.device), slog.Any("cause", cause))
	}
}

// OnPacketRead prepares a publish for mochi.
func (h *hook) OnPacketRead(client *mochi.Client, pk packets.Packet) (packets.Packet, error) {
	if pk.FixedHeader.Type != packets.Publish {
		return pk, nil
	}
	// A publish under a packet id that a QoS 2 exchange left open is worked on again: it may be a new message of a
	// device that has forgotten the old one, and a repeated one is absorbed.
	client.State.Inflight.Delete(pk.PacketID)
	// mochi drops these without an acknowledgement, and the device would send it for ever.
	if strings.HasPrefix(strings.ToUpper(pk.TopicName), mochi.SysPrefix) {
		pk.TopicName = "/" + pk.TopicName
	}
	return pk, nil
}
