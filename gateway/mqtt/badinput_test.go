package mqtt_test

import (
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/stretchr/testify/require"

	"waybill/gateway"
	"waybill/gateway/mqtt"
	"waybill/tracking"
)

func TestBadInputIsKeptAndAcknowledged(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	client := connect(t, r.options())
	const own = "owntracks/truck-1/phone"
	large := strings.Repeat("x", 5<<20)
	for second, c := range []struct {
		name, topic, payload string
		reason               tracking.Reason
		detail               string
	}{
		{"another device's topic", "owntracks/truck-2/phone", location(0), gateway.ReasonForeignTopic, "truck-2"},
		{"no topic of ours", "temperature", "21", gateway.ReasonUnknownTopic, "temperature"},
		{"system topic", "$SYS/broker/uptime", "1", gateway.ReasonUnknownTopic, "$SYS"},
		{"truncated JSON", own, `{"_type":"location","lat":39.`, "syntax", "JSON"},
		{"no JSON", own, "hello", gateway.ReasonUnknownFormat, "format"},
		{"latitude 91", own, strings.Replace(location(0), "39.9", "91", 1), tracking.ReasonPosition, "91"},
		{"year 2099", own, `{"_type":"location","lat":39.9,"lon":116.4,"tst":4081000000}`, tracking.ReasonFuture, "2099"},
		{"5 MB", own, large, gateway.ReasonTooLarge, "5242880"},
		{"5 MB as JSON", "waybill/truck-1/fixes", "[" + large, gateway.ReasonTooLarge, "5242881"},
		{"misspelt member", "waybill/truck-1/fixes", `{"time":1,"longitude":1,"lattitude":2}`, "syntax", "lattitude"},
	} {
		await(t, client.Publish(c.topic, 1, false, c.payload))
		newest := r.rejected(t)[0]
		require.Equal(t, c.reason, newest.Reason, c.name)
		require.Contains(t, newest.Detail, c.detail, c.name)
		require.Equal(t, "truck-1", newest.Sender, c.name)
		require.Equal(t, "truck-1", newest.Device, c.name)
		require.EqualValues(t, len(c.payload), newest.Size, c.name)
		require.LessOrEqual(t, len(newest.Payload), gateway.MaxKept, c.name)
		// The next good message on the same connection is unaffected.
		await(t, client.Publish(own, 1, false, location(1+second)))
		require.Equal(t, second+1, r.stored(t), c.name)
	}
	before := len(r.rejected(t))
	await(t, client.Publish(own, 1, false, "hello"))
	require.Len(t, r.rejected(t), before, "the same again has no row of its own")
	require.EqualValues(t, 2, r.rejected(t)[0].Count)
}

func TestWrongPasswordIsVisible(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	for _, version := range []uint{3, 4} {
		token := paho.NewClient(r.options().SetPassword("wrong").SetProtocolVersion(version)).Connect()
		require.True(t, token.WaitTimeout(patienceOfTests))
		require.ErrorContains(t, token.Error(), "bad user name or password")
	}
	token := paho.NewClient(r.options().SetUsername("nobody")).Connect()
	require.True(t, token.WaitTimeout(patienceOfTests))
	require.Error(t, token.Error())

	inputs := r.rejected(t)
	require.Len(t, inputs, 2)
	require.Equal(t, "nobody", inputs[0].Sender)
	require.Empty(t, inputs[0].Device)
	require.Equal(t, gateway.ReasonWrongPassword, inputs[1].Reason)
	require.Equal(t, "truck-1", inputs[1].Device)
	require.Empty(t, inputs[1].Payload, "no password is kept")
	require.EqualValues(t, 2, inputs[1].Count)
}

func TestConflictIsKept(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	client := connect(t, r.options())
	await(t, client.Publish("owntracks/truck-1/phone", 1, false, location(0)))
	await(t, client.Publish("owntracks/truck-1/phone", 1, false, location(0)))
	require.Empty(t, r.rejected(t), "the same fix again is nothing to tell")
	await(t, client.Publish("owntracks/truck-1/phone", 1, false, strings.Replace(location(0), "39.9", "39.8", 1)))
	inputs := r.rejected(t)
	require.Len(t, inputs, 1)
	require.Equal(t, tracking.ReasonConflict, inputs[0].Reason)
	require.Equal(t, 1, r.stored(t))
}

func TestBadFixesOfAnArrayAreKeptAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	client := connect(t, r.options())
	good := `{"time":"` + today().Format("2006-01-02T15:04:05Z07:00") + `","longitude":116.4,"latitude":39.9}`
	await(t, client.Publish("waybill/truck-1/fixes", 1, false, `[{"time":1},`+good+`,{"time":2099999999,"longitude":2,"latitude":99}]`))
	require.Equal(t, 1, r.stored(t))
	var kept []string
	for _, in := range r.rejected(t) {
		kept = append(kept, string(in.Payload))
	}
	require.ElementsMatch(t, []string{`{"time":1}`, `{"time":2099999999,"longitude":2,"latitude":99}`}, kept)
}

func TestReplayAfterTheCauseIsMended(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	// As the broker's client would leave it: nobody knew the device.
	road := mqtt.Road{Directory: r.registry}
	require.NoError(t, r.intake.Accept(t.Context(), road, &gateway.Message{
		Road: mqtt.RoadBroker, Sender: "truck-9", Topic: "owntracks/truck-9/x", Payload: []byte(location(0)), Received: today(),
	}))
	kept := r.rejected(t)[0]
	require.Equal(t, tracking.ReasonUnknownDevice, kept.Reason)
	require.Equal(t, "broker/owntracks", kept.Source)

	replayer := gateway.Replayer{Intake: r.intake, Archive: r.store, Roads: map[string]gateway.Road{mqtt.RoadBroker: road}}
	_, again, err := replayer.Replay(t.Context(), kept.ID)
	require.NoError(t, err)
	require.Equal(t, tracking.ReasonUnknownDevice, again.Reason, "nothing has changed")
	require.Zero(t, again.ReplayTime)

	r.device(t, "truck-9")
	tally, done, err := replayer.Replay(t.Context(), kept.ID)
	require.NoError(t, err)
	require.Equal(t, 1, tally.Stored)
	require.NotZero(t, done.ReplayTime)
	require.Equal(t, 1, r.stored(t))
}

func TestDisabledDeviceIsNoLongerBelieved(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{Recheck: time.Nanosecond})
	client := connect(t, r.options())
	await(t, client.Publish("owntracks/truck-1/phone", 1, false, location(0)))
	require.Equal(t, 1, r.stored(t))

	_, err := r.registry.UpdateDevice(t.Context(), tracking.Device{UID: "truck-1", Disabled: true}, tracking.DeviceMask{Disabled: true})
	require.NoError(t, err)
	client.Publish("owntracks/truck-1/phone", 1, false, location(1))
	require.Eventually(t, func() bool { return len(r.rejected(t)) == 1 }, patienceOfTests, time.Millisecond)
	require.Equal(t, gateway.ReasonDeviceDisabled, r.rejected(t)[0].Reason)
	require.Equal(t, 1, r.stored(t))
}
