package mqtt

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/prometheus/client_golang/prometheus"

	"waybill/gateway"
)

// BrokerSettings are the settings of a [Broker]. The zero value of each field but URL and ClientID means its default.
//
// An acknowledgement of a broker means that the broker has the message, no more. For nothing to be lost it has to keep
// messages on disk and without a limit; for Mosquitto: persistence true, autosave_on_changes true, autosave_interval 1,
// max_queued_messages 0, max_inflight_messages at most the Window here.
type BrokerSettings struct {
	// URL is the broker's: tcp://host:1883, ssl://host:8883.
	URL string
	// ClientID names our session at the broker, which keeps messages for it. It must stay the same, and each process
	// needs its own.
	ClientID string
	Username string
	Password string
	// TLS is used with ssl://.
	TLS *tls.Config
	// Topics are the filters to subscribe to; [Topics].
	Topics []string
	// Group makes it a shared subscription: the processes of a group get each message once.
	Group string
	// Window is how many messages may be in hand at once, at least the broker's in-flight window; 2,048.
	Window int
	// Lanes is how many messages are worked on at once, of one device one after the other; 64.
	Lanes int
	// MaxPayload is how large a message may be, in bytes; 256 KiB. A larger one is kept as rejected input.
	MaxPayload int
	// CommitTimeout is how long one try to commit a message may take; 30 s.
	CommitTimeout time.Duration
	// Pause is how long to wait before the next try, and before connecting again; 1 s.
	Pause time.Duration
}

// Broker is the client to an outside broker: it fetches what devices published there, and acknowledges after the
// commit. While the stores are away it holds on to what it has, and the broker keeps the rest.
type Broker struct {
	settings BrokerSettings
	intake   *gateway.Intake
	road     Road
	log      *slog.Logger
	metrics  *brokerMetrics
	client   paho.Client
	lanes    *lanes
}

// ErrBrokerSettings says that the settings can't work.
var ErrBrokerSettings = errors.New("settings of the broker")

// NewBroker makes a client; Start connects it. The error is [ErrBrokerSettings].
func NewBroker(s BrokerSettings, intake *gateway.Intake, directory gateway.Directory, log *slog.Logger, registry prometheus.Registerer) (*Broker, error) {
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%w: %q is no address of a broker; it looks like tcp://host:1883 or ssl://host:8883", ErrBrokerSettings, s.URL)
	}
	if s.ClientID == "" {
		return nil, fmt.Errorf("%w: a client id is needed, because the broker keeps messages under it; choose one that stays", ErrBrokerSettings)
	}
	if len(s.Topics) == 0 {
		s.Topics = Topics()
	}
	s.Window, s.Lanes = cmp.Or(s.Window, 2048), cmp.Or(s.Lanes, 64)
	s.MaxPayload = cmp.Or(s.MaxPayload, 256<<10)
	s.CommitTimeout, s.Pause = cmp.Or(s.CommitTimeout, 30*time.Second), cmp.Or(s.Pause, time.Second)
	return &Broker{settings: s, intake: intake, road: Road{Directory: directory}, log: log, metrics: newBrokerMetrics(registry)}, nil
}

// Start begins to connect, and goes on trying until Stop.
func (b *Broker) Start(ctx context.Context) error {
	b.lanes = startLanes(context.WithoutCancel(ctx), b.settings.Lanes, b.settings.Window, b.work)
	b.client = paho.NewClient(b.options())
	b.client.Connect()
	return nil
}

func (b *Broker) options() *paho.ClientOptions {
	s := b.settings
	return paho.NewClientOptions().AddBroker(s.URL).SetClientID(s.ClientID).SetUsername(s.Username).SetPassword(s.Password).SetTLSConfig(s.TLS).
		SetCleanSession(false).SetAutoAckDisabled(true).
		// In order, on one goroutine, which must not wait: then pings would stop. It only puts into lanes.
		SetOrderMatters(true).SetDefaultPublishHandler(b.take).
		SetAutoReconnect(true).SetMaxReconnectInterval(10 * s.Pause).SetConnectRetry(true).SetConnectRetryInterval(s.Pause).
		SetKeepAlive(30 * time.Second).SetPingTimeout(10 * time.Second).
		SetOnConnectHandler(b.subscribe).SetConnectionLostHandler(b.lost)
}

// subscribe asks for the topics, at each connection: a broker may have forgotten the session.
func (b *Broker) subscribe(client paho.Client) {
	filters := make(map[string]byte, len(b.settings.Topics))
	for _, topic := range b.settings.Topics {
		if b.settings.Group != "" {
			topic = "$share/" + b.settings.Group + "/" + topic
		}
		filters[topic] = 1
	}
	token := client.SubscribeMultiple(filters, nil)
	select {
	case <-token.Done():
	case <-b.lanes.ctx.Done():
		return
	}
	if err := refusedFilters(token); err != nil {
		b.log.Error("the broker refuses our subscription; allow these topics to our user there", "broker", b.settings.URL, "error", err)
		return
	}
	b.metrics.connected.Set(1)
	b.log.Info("connected to the broker", "broker", b.settings.URL)
}

func refusedFilters(token paho.Token) error {
	if err := token.Error(); err != nil {
		return err
	}
	subscribed, ok := token.(*paho.SubscribeToken)
	if !ok {
		return nil
	}
	var refused []string
	for filter, code := range subscribed.Result() {
		if code >= 0x80 {
			refused = append(refused, filter)
		}
	}
	if len(refused) > 0 {
		return fmt.Errorf("%w: refused: %s", ErrBrokerSettings, strings.Join(refused, " "))
	}
	return nil
}

func (b *Broker) lost(_ paho.Client, err error) {
	b.metrics.connected.Set(0)
	b.log.Warn("lost the broker; connecting again", "broker", b.settings.URL, "error", err)
}

// take is called by paho for each message, in order.
func (b *Broker) take(_ paho.Client, m paho.Message) {
	b.metrics.messages.Inc()
	lane := m.Topic()
	if route, ok := parseTopic(lane); ok {
		lane = route.device
	}
	b.lanes.put(lane, m)
}

// work commits a message and acknowledges it. It tries until it succeeds or the lanes end: then the broker has it still.
func (b *Broker) work(ctx context.Context, m paho.Message) {
	message := b.message(m)
	for {
		err := b.try(ctx, message)
		if err == nil {
			// After a lost connection this goes nowhere; the broker sends the message again, and it is a duplicate.
			m.Ack()
			return
		}
		b.metrics.retries.Inc()
		b.log.LogAttrs(ctx, slog.LevelDebug, "message of the broker not acknowledged yet", slog.String("topic", m.Topic()), slog.Any("error", err))
		select {
		case <-time.After(b.settings.Pause):
		case <-b.lanes.ended:
			return
		}
	}
}

func (b *Broker) try(ctx context.Context, m *gateway.Message) error {
	ctx, cancel := context.WithTimeout(ctx, b.settings.CommitTimeout)
	defer cancel()
	return b.intake.Accept(ctx, b.road, m)
}

func (b *Broker) message(m paho.Message) *gateway.Message {
	message := &gateway.Message{Road: RoadBroker, Origin: RoadBroker, Topic: m.Topic(), Payload: m.Payload(), Received: time.Now()}
	if route, ok := parseTopic(m.Topic()); ok {
		message.Sender, message.Origin = route.device, route.device
	}
	if size := len(message.Payload); size > b.settings.MaxPayload {
		message.Size = int64(size)
		message.Payload = message.Payload[:b.settings.MaxPayload:b.settings.MaxPayload]
	}
	return message
}

// Stop finishes what is being worked on, leaves the rest to the broker, and disconnects.
func (b *Broker) Stop(ctx context.Context) error {
	if b.client == nil {
		return nil
	}
	err := b.lanes.stop(ctx)
	const quiesce = 250 // milliseconds for acknowledgements to get out
	b.client.Disconnect(quiesce)
	b.metrics.connected.Set(0)
	return err
}

type brokerMetrics struct {
	connected prometheus.Gauge
	messages  prometheus.Counter
	retries   prometheus.Counter
}

func newBrokerMetrics(registry prometheus.Registerer) *brokerMetrics {
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "waybill", Subsystem: "broker", Name: name, Help: help}
	}
	m := &brokerMetrics{
		connected: prometheus.NewGauge(prometheus.GaugeOpts(opts("connected", "1 while subscribed at the outside broker."))),
		messages:  prometheus.NewCounter(prometheus.CounterOpts(opts("messages_total", "Messages from the outside broker, with those that came again."))),
		retries:   prometheus.NewCounter(prometheus.CounterOpts(opts("retries_total", "Tries to commit a message that failed: it is held and tried again."))),
	}
	registry.MustRegister(m.connected, m.messages, m.retries)
	return m
}
