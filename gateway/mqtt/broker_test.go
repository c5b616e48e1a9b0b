package mqtt_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/stretchr/testify/require"

	"waybill/gateway/mqtt"
	"waybill/tracking"
)

// mosquitto is a real broker that keeps what it has on disk.
type mosquitto struct {
	address string
	config  string
	program string
	process *exec.Cmd
}

func startMosquitto(t *testing.T) *mosquitto {
	t.Helper()
	program, err := exec.LookPath("mosquitto")
	if err != nil {
		program = "/usr/sbin/mosquitto" // not on everybody's PATH
	}
	if _, err := os.Stat(program); err != nil {
		t.Skip("mosquitto is not installed; scripts/setup test installs it")
	}
	socket, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := socket.Addr().String()
	require.NoError(t, socket.Close())
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)

	dir := t.TempDir()
	config := filepath.Join(dir, "mosquitto.conf")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `listener %s 127.0.0.1
allow_anonymous true
user root
persistence true
persistence_location %s/
autosave_on_changes true
autosave_interval 1
max_queued_messages 0
max_inflight_messages 2000
`, port, dir), 0o600))
	m := &mosquitto{address: address, config: config, program: program}
	m.start(t)
	t.Cleanup(func() { m.kill() })
	return m
}

func (m *mosquitto) start(t *testing.T) {
	t.Helper()
	m.process = exec.CommandContext(context.WithoutCancel(t.Context()), m.program, "-c", m.config) //nolint:gosec // ours
	require.NoError(t, m.process.Start())
	require.Eventually(t, func() bool {
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", m.address)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, patienceOfTests, 10*time.Millisecond, "mosquitto listens")
}

// kill ends it as kill -9 does.
func (m *mosquitto) kill() {
	_ = m.process.Process.Kill()
	_ = m.process.Wait()
}

func (m *mosquitto) publisher(t *testing.T, id string) paho.Client {
	t.Helper()
	return connect(t, paho.NewClientOptions().AddBroker("tcp://"+m.address).SetClientID(id).SetCleanSession(false).SetAutoReconnect(true).
		SetMaxReconnectInterval(100*time.Millisecond).SetConnectRetry(true).SetConnectRetryInterval(100*time.Millisecond))
}

// broker connects the rig to mosquitto.
func (r *rig) broker(t *testing.T, m *mosquitto, s mqtt.BrokerSettings) *mqtt.Broker {
	t.Helper()
	s.URL, s.Pause = "tcp://"+m.address, 50*time.Millisecond
	if s.ClientID == "" {
		s.ClientID = "waybill-gateway"
	}
	b, err := mqtt.NewBroker(s, r.intake, r.registry, slog.New(slog.DiscardHandler), r.metrics)
	require.NoError(t, err)
	require.NoError(t, b.Start(t.Context()))
	t.Cleanup(func() { stopBroker(t, b) })
	require.Eventually(t, func() bool { return r.value(t, "waybill_broker_connected") == 1 }, patienceOfTests, 10*time.Millisecond)
	return b
}

func stopBroker(t *testing.T, b *mqtt.Broker) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patienceOfTests)
	defer cancel()
	require.NoError(t, b.Stop(ctx))
}

func (r *rig) eventuallyStored(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return r.stored(t) >= n }, 2*patienceOfTests, 20*time.Millisecond)
	require.Equal(t, n, r.stored(t))
}

func TestBrokerKilledAndStartedLosesNothing(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	r := newRig(t, mqtt.EndpointSettings{})
	r.broker(t, m, mqtt.BrokerSettings{})
	publisher := m.publisher(t, "unit")
	const messages = 300
	publish := func(i int) paho.Token {
		return publisher.Publish("owntracks/truck-1/phone", 1, false, location(i))
	}
	var tokens []paho.Token
	for i := range messages {
		tokens = append(tokens, publish(i))
		if i == messages/3 || i == 2*messages/3 {
			m.kill()
			m.start(t)
		}
	}
	for i, token := range tokens {
		for !token.WaitTimeout(patienceOfTests) || token.Error() != nil { // a unit repeats what failed
			token = publish(i)
		}
	}
	r.eventuallyStored(t, messages)
	require.Empty(t, r.rejected(t))
}

func TestBrokerKeepsWhatWasNotAcknowledged(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	r := newRig(t, mqtt.EndpointSettings{})
	r.gate.setAway(true)
	b := r.broker(t, m, mqtt.BrokerSettings{})
	publisher := m.publisher(t, "unit")
	for i := range 20 {
		await(t, publisher.Publish("waybill/truck-1/fixes", 1, false,
			fmt.Sprintf(`{"time":%d,"longitude":116.4,"latitude":39.9}`, today().Unix()+int64(i))))
	}
	require.Eventually(t, func() bool { return r.value(t, "waybill_broker_retries_total") > 0 }, patienceOfTests, 10*time.Millisecond)
	// The first process gives up, the second has the same session.
	stopBroker(t, b)
	require.Zero(t, r.stored(t))
	second := newRig(t, mqtt.EndpointSettings{})
	second.broker(t, m, mqtt.BrokerSettings{})
	second.eventuallyStored(t, 20)
}

func TestBrokerUnknownDeviceIsKept(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	r := newRig(t, mqtt.EndpointSettings{})
	r.broker(t, m, mqtt.BrokerSettings{Group: "gateways"})
	publisher := m.publisher(t, "unit")
	await(t, publisher.Publish("owntracks/truck-7/phone", 1, false, location(0)))
	await(t, publisher.Publish("owntracks/truck-1/phone", 1, false, location(0)))
	r.eventuallyStored(t, 1)
	require.Eventually(t, func() bool { return len(r.rejected(t)) == 1 }, patienceOfTests, 10*time.Millisecond)
	require.Equal(t, tracking.ReasonUnknownDevice, r.rejected(t)[0].Reason)
	require.Equal(t, "truck-7", r.rejected(t)[0].Sender)
}

func TestBrokerSharedSubscription(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	r := newRig(t, mqtt.EndpointSettings{})
	r.broker(t, m, mqtt.BrokerSettings{ClientID: "one", Group: "gateways"})
	other := newRig(t, mqtt.EndpointSettings{})
	other.broker(t, m, mqtt.BrokerSettings{ClientID: "two", Group: "gateways"})
	publisher := m.publisher(t, "unit")
	for i := range 100 {
		await(t, publisher.Publish("owntracks/truck-1/phone", 1, false, location(i)))
	}
	require.Eventually(t, func() bool { return r.stored(t)+other.stored(t) == 100 }, patienceOfTests, 20*time.Millisecond)
	require.Positive(t, r.stored(t))
	require.Positive(t, other.stored(t))
}

func TestBrokerSettingsThatCantWork(t *testing.T) {
	t.Parallel()
	for _, s := range []mqtt.BrokerSettings{{URL: "localhost", ClientID: "x"}, {URL: "tcp://localhost:1883"}} {
		_, err := mqtt.NewBroker(s, nil, nil, nil, nil)
		require.ErrorIs(t, err, mqtt.ErrBrokerSettings)
	}
}
