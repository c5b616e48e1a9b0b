package mqtt_test

import (
	"context"
	"io"
	"net"
	"testing"

	"github.com/mochi-mqtt/server/v2/packets"
	"github.com/stretchr/testify/require"

	"waybill/gateway/mqtt"
)

// session5 connects as truck-1 with MQTT 5 and a client id.
func (r *rig) session5(t *testing.T, client string) (net.Conn, *packets.Packet) {
	t.Helper()
	c := r.dial(t)
	write(t, c, 0x10, text("MQTT"), []byte{5, 0xc2, 0, 60}, []byte{5, 0x11, 0, 0, 0, 9}, text(client), text("truck-1"), text(r.password))
	connack := receive(t, c, packets.Connack)
	require.Zero(t, connack.ReasonCode)
	return c, connack
}

// receive reads a packet of MQTT 5 that is expected to be of the kind.
func receive(t *testing.T, c io.Reader, kind byte) *packets.Packet {
	t.Helper()
	header := make([]byte, 2) // what is expected here is shorter than 128 bytes
	_, err := io.ReadFull(c, header)
	require.NoError(t, err)
	require.Equal(t, kind, header[0]>>4)
	body := make([]byte, header[1])
	_, err = io.ReadFull(c, body)
	require.NoError(t, err)
	pk := &packets.Packet{ProtocolVersion: 5, FixedHeader: packets.FixedHeader{Type: kind, Remaining: len(body)}}
	switch kind {
	case packets.Connack:
		err = pk.ConnackDecode(body)
	case packets.Suback:
		err = pk.SubackDecode(body)
	case packets.Unsuback:
		err = pk.UnsubackDecode(body)
	case packets.Disconnect:
		err = pk.DisconnectDecode(body)
	}
	require.NoError(t, err)
	return pk
}

func TestMQTT5(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	c, connack := r.session5(t, "")
	require.NotEmpty(t, connack.Properties.AssignedClientID)
	require.True(t, connack.Properties.SessionExpiryIntervalFlag)
	require.Zero(t, connack.Properties.SessionExpiryInterval, "nothing is kept")

	write(t, c, 0x32, text("owntracks/truck-1/x"), []byte{0, 7, 0}, []byte(location(0)))
	read(t, c, 0x40, 2, 0, 7)
	write(t, c, 0x34, text("owntracks/truck-1/x"), []byte{0, 8, 0}, []byte(location(1)))
	read(t, c, 0x50, 2, 0, 8)
	write(t, c, 0x62, []byte{0, 8})
	read(t, c, 0x70, 2, 0, 8)
	require.Equal(t, 2, r.stored(t))

	write(t, c, 0x82, []byte{0, 9, 0}, text("a/#"), []byte{1}, text("b"), []byte{0})
	suback := receive(t, c, packets.Suback)
	require.Equal(t, []byte{0x87, 0x87}, suback.ReasonCodes, "not authorised")
	write(t, c, 0xa2, []byte{0, 10, 0}, text("a/#"))
	require.Equal(t, []byte{0x11}, receive(t, c, packets.Unsuback).ReasonCodes, "there was none")
	_, err := c.Write([]byte{0xc0, 0})
	require.NoError(t, err)
	pong := make([]byte, 2)
	_, err = io.ReadFull(c, pong)
	require.NoError(t, err)
	require.Equal(t, []byte{0xd0, 0}, pong)

	// A topic alias was not offered.
	write(t, c, 0x32, text(""), []byte{0, 11}, []byte{3, 0x23, 0, 1}, []byte(location(2)))
	require.Equal(t, packets.ErrTopicAliasInvalid.Code, receive(t, c, packets.Disconnect).ReasonCode)
	ends(t, c)
}

func TestMQTT5IsToldWhyItEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	old, _ := r.session5(t, "same")
	_, _ = r.session5(t, "same")
	require.Equal(t, packets.ErrSessionTakenOver.Code, receive(t, old, packets.Disconnect).ReasonCode)
	ends(t, old)

	twice, _ := r.session5(t, "twice")
	write(t, twice, 0x10, text("MQTT"), []byte{5, 0xc2, 0, 60, 0}, text("twice"), text("truck-1"), text(r.password))
	require.Equal(t, packets.ErrProtocolViolationSecondConnect.Code, receive(t, twice, packets.Disconnect).ReasonCode)
	ends(t, twice)

	leaving, _ := r.session5(t, "leaving")
	require.NoError(t, r.endpoint.Stop(context.WithoutCancel(t.Context())))
	require.Equal(t, packets.ErrServerShuttingDown.Code, receive(t, leaving, packets.Disconnect).ReasonCode)
	ends(t, leaving)
}

func TestMQTT5IsToldThatTheStoreIsAway(t *testing.T) {
	t.Parallel()
	r := newRig(t, mqtt.EndpointSettings{})
	c, _ := r.session5(t, "x")
	r.gate.setAway(true)
	write(t, c, 0x32, text("owntracks/truck-1/x"), []byte{0, 1, 0}, []byte(location(0)))
	require.Equal(t, packets.ErrServerUnavailable.Code, receive(t, c, packets.Disconnect).ReasonCode)
	ends(t, c)
}
