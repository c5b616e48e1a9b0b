package mqtt_test

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"waybill/gateway/mqtt"
)

func TestAcknowledgedAfterCommit(t *testing.T) {
	t.Parallel()
	for _, qos := range []byte{1, 2} {
		t.Run(fmt.Sprint("qos", qos), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, mqtt.EndpointSettings{})
			client := connect(t, r.options())
			waiting, open := r.gate.shut()
			token := client.Publish("owntracks/truck-1/phone", qos, false, location(0))
			<-waiting
			select {
			case <-token.Done():
				require.Fail(t, "acknowledged before the commit")
			default:
			}
			require.Zero(t, r.stored(t))
			open()
			await(t, token)
			require.Equal(t, 1, r.stored(t))
		})
	}
}

func TestQoS0IsStored(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	client := connect(t, r.options())
	await(t, client.Publish("owntracks/truck-1/phone", 0, false, location(0)))
	// A publish with QoS 1 behind it on the same connection is acknowledged after it was worked on.
	await(t, client.Publish("owntracks/truck-1/phone", 1, false, location(1)))
	require.Equal(t, 2, r.stored(t))
}

func TestQoS0IsCountedWhenLost(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	client := connect(t, r.options())
	r.gate.setAway(true)
	await(t, client.Publish("owntracks/truck-1/phone", 0, false, location(0)))
	token := client.Publish("owntracks/truck-1/phone", 1, false, location(1))
	require.True(t, token.WaitTimeout(patienceOfTests))
	expected := `# HELP waybill_mqtt_lost_total Publishes with QoS 0 that could not be taken: they are lost.
# TYPE waybill_mqtt_lost_total counter
waybill_mqtt_lost_total 1
`
	require.NoError(t, testutil.GatherAndCompare(r.metrics, strings.NewReader(expected), "waybill_mqtt_lost_total"))
}

func TestRetainedIsAFixAndNotRetained(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	client := connect(t, r.options())
	await(t, client.Publish("owntracks/truck-1/phone", 1, true, location(0)))
	await(t, client.Publish("owntracks/truck-1/phone", 1, true, "")) // clears a retained message
	require.Equal(t, 1, r.stored(t))
	require.Empty(t, r.rejected(t))
}

func TestSubscriptionsAreRefusedPolitely(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	client := connect(t, r.options())
	token := client.Subscribe("owntracks/truck-1/phone/cmd", 1, nil)
	require.True(t, token.WaitTimeout(patienceOfTests))
	subscribed, ok := token.(*paho.SubscribeToken)
	require.True(t, ok)
	require.Equal(t, map[string]byte{"owntracks/truck-1/phone/cmd": 0x80}, subscribed.Result())
	await(t, client.Publish("owntracks/truck-1/phone", 1, false, location(0)))
	require.Equal(t, 1, r.stored(t), "the connection goes on")
}

func TestUnacknowledgedComesAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	lost := make(chan struct{}, 100)
	client := connect(t, r.options().SetCleanSession(false).SetAutoReconnect(true).SetMaxReconnectInterval(100*time.Millisecond).
		SetConnectRetry(true).SetConnectRetryInterval(100*time.Millisecond).
		SetConnectionLostHandler(func(paho.Client, error) { lost <- struct{}{} }))
	r.gate.setAway(true)
	client.Publish("owntracks/truck-1/phone", 1, false, location(0)) // paho gives up this token when it resends
	<-lost
	r.gate.setAway(false)
	r.eventuallyStored(t, 1)
}

func TestConnectionsAreRefusedWhileTheStoreIsAway(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{Ready: func() bool { return false }})
	token := paho.NewClient(r.options()).Connect()
	require.True(t, token.WaitTimeout(patienceOfTests))
	require.ErrorContains(t, token.Error(), "server Unavailable")
}

// A store that doesn't answer at all is told from none in time to say so, and the next
// device isn't made to wait for it.
func TestConnectionsAreRefusedWhileTheStoreIsSilent(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{ConnectTimeout: 2 * time.Second})
	tx, err := r.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "lock table tracking.device in access exclusive mode")
	require.NoError(t, err)
	token := paho.NewClient(r.options()).Connect()
	require.True(t, token.WaitTimeout(patienceOfTests))
	require.ErrorContains(t, token.Error(), "server Unavailable")
	require.True(t, r.intake.Down())
	require.NoError(t, tx.Rollback(t.Context()))
	require.Eventually(t, func() bool {
		token := paho.NewClient(r.options()).Connect()
		return token.WaitTimeout(patienceOfTests) && token.Error() == nil
	}, patienceOfTests, 100*time.Millisecond)
}

func TestWaitsAreBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{CommitTimeout: 50 * time.Millisecond})
	lost := make(chan struct{}, 1)
	client := connect(t, r.options().SetConnectionLostHandler(func(paho.Client, error) { lost <- struct{}{} }))
	_, open := r.gate.shut()
	defer open()
	client.Publish("owntracks/truck-1/phone", 1, false, location(0))
	<-lost
}

func TestTakeoverEndsTheOldWait(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{CommitTimeout: time.Hour})
	same := r.options().SetClientID("same").SetKeepAlive(0)
	old := connect(t, same)
	waiting, open := r.gate.shut()
	old.Publish("owntracks/truck-1/phone", 1, false, location(0))
	<-waiting
	// The new connection would wait for ever behind the old one's commit, and Stop with it.
	connect(t, same)
	require.Eventually(t, func() bool { return r.value(t, "waybill_mqtt_connected") == 1 }, patienceOfTests, time.Millisecond)
	open()
}

func (r *rig) value(t *testing.T, name string) float64 {
	t.Helper()
	families, err := r.metrics.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue() + f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	return 0
}

func TestStopDrains(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	client := connect(t, r.options())
	idle := connect(t, r.options())
	waiting, open := r.gate.shut()
	token := client.Publish("owntracks/truck-1/phone", 1, false, location(0))
	<-waiting
	stopped := make(chan error, 1)
	go func() { stopped <- r.endpoint.Stop(context.WithoutCancel(t.Context())) }()
	require.Eventually(t, func() bool { return !idle.IsConnectionOpen() }, patienceOfTests, time.Millisecond, "Stop has begun")
	open()
	await(t, token)
	require.NoError(t, <-stopped)
	require.Equal(t, 1, r.stored(t))
}

func TestArrayIsOneBatch(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	client := connect(t, r.options())
	var fixes []string
	for i := range 500 {
		fixes = append(fixes, fmt.Sprintf(`{"time":%d,"longitude":116.4,"latitude":39.9,"speed":10}`, today().Unix()+int64(i)))
	}
	await(t, client.Publish("waybill/truck-1/fixes", 1, false, "["+strings.Join(fixes, ",")+"]"))
	require.Equal(t, 500, r.stored(t))
}

func TestMosquittoPub(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("mosquitto_pub")
	if err != nil {
		t.Skip("mosquitto_pub is not installed; scripts/setup test installs it")
	}
	r := newRig(t, mqtt.EndpointSettings{})
	host, port, _ := strings.Cut(r.endpoint.Addr().String(), ":")
	for i, version := range []string{"mqttv31", "mqttv311", "mqttv5"} {
		for qos := range 3 {
			args := []string{
				"-h", host, "-p", port, "-u", "truck-1", "-P", r.password, "-V", version,
				"-t", "owntracks/truck-1/phone", "-q", fmt.Sprint(qos), "-m", location(i*3 + qos),
			}
			out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput() //nolint:gosec // our own arguments
			require.NoError(t, err, string(out))
		}
	}
	// With QoS 0 it doesn't wait for us; the connection that comes next does.
	require.Eventually(t, func() bool { return r.stored(t) == 9 }, patienceOfTests, 10*time.Millisecond)
	require.Empty(t, r.rejected(t))
}
