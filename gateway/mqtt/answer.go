package mqtt

import (
	"bytes"
	"fmt"

	"github.com/mochi-mqtt/server/v2/packets"
)

// refused3 are the codes of a refused CONNACK of MQTT 3 (3.1.1, 3.2.2.3).
const (
	refusedVersion     = 1
	refusedClient      = 2
	refusedUnavailable = 3
	refusedPassword    = 4
	refusedAuthority   = 5
)

// connack refuses a connection with the code.
func connack(c *conn, code packets.Code) error {
	answer := &packets.Packet{ReasonCode: code.Code}
	answer.Properties.ReasonString = code.Reason
	if c.version < 5 {
		switch code {
		case packets.ErrBadUsernameOrPassword:
			answer.ReasonCode = refusedPassword
		case packets.ErrServerUnavailable:
			answer.ReasonCode = refusedUnavailable
		case packets.ErrClientIdentifierNotValid:
			answer.ReasonCode = refusedClient
		case packets.ErrProtocolViolationProtocolVersion:
			answer.ReasonCode = refusedVersion
		default:
			answer.ReasonCode = refusedAuthority
		}
	}
	return send(c, packets.Connack, answer)
}

// acknowledge answers a packet with its id: PUBACK, PUBREC or PUBCOMP. In all versions four bytes say that all is well.
func acknowledge(c *conn, kind byte, id uint16) error {
	return c.write([]byte{kind << 4, 2, byte(id >> 8), byte(id)}) //nolint:gosec // two halves
}

// refuseSubscription says no in the SUBACK, because a refusal by closing would have the device come back for ever.
func refuseSubscription(c *conn, pk *packets.Packet) error {
	if code := pk.SubscribeValidate(); code != packets.CodeSuccess {
		return code
	}
	code := packets.ErrNotAuthorized.Code
	if c.version < 5 {
		code = packets.ErrUnspecifiedError.Code
	}
	return send(c, packets.Suback, &packets.Packet{PacketID: pk.PacketID, ReasonCodes: bytes.Repeat([]byte{code}, len(pk.Filters))})
}

func unsubscribe(c *conn, pk *packets.Packet) error {
	if code := pk.UnsubscribeValidate(); code != packets.CodeSuccess {
		return code
	}
	codes := bytes.Repeat([]byte{packets.CodeNoSubscriptionExisted.Code}, len(pk.Filters))
	return send(c, packets.Unsuback, &packets.Packet{PacketID: pk.PacketID, ReasonCodes: codes})
}

// disconnect tells a device of MQTT 5 why its connection ends. Whether it hears that is not known.
func disconnect(c *conn, code packets.Code) {
	answer := &packets.Packet{ReasonCode: code.Code}
	answer.Properties.ReasonString = code.Reason
	_ = send(c, packets.Disconnect, answer)
}

// decode reads a packet that devices send, of the version of the protocol; of other types it reads no more than the
// type.
func decode(pk *packets.Packet, f frame, version byte) (err error) {
	// mochi's decoders reach beyond some packets that are cut short (a SUBSCRIBE without options).
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", packets.ErrMalformedPacket, r)
		}
	}()
	pk.ProtocolVersion = version
	if err := pk.FixedHeader.Decode(f.first); err != nil {
		return err
	}
	pk.FixedHeader.Remaining = len(f.body)
	switch pk.FixedHeader.Type {
	case packets.Connect:
		err = pk.ConnectDecode(f.body)
	case packets.Publish:
		err = pk.PublishDecode(f.body)
	case packets.Pubrel:
		err = pk.PubrelDecode(f.body)
	case packets.Subscribe:
		err = pk.SubscribeDecode(f.body)
	case packets.Unsubscribe:
		err = pk.UnsubscribeDecode(f.body)
	}
	return err
}

// send writes a packet of the kind.
func send(c *conn, kind byte, pk *packets.Packet) error {
	pk.ProtocolVersion = c.version
	pk.FixedHeader.Type = kind
	var b bytes.Buffer
	var err error
	switch kind {
	case packets.Connack:
		err = pk.ConnackEncode(&b)
	case packets.Suback:
		err = pk.SubackEncode(&b)
	case packets.Unsuback:
		err = pk.UnsubackEncode(&b)
	case packets.Disconnect:
		err = pk.DisconnectEncode(&b)
	}
	if err != nil {
		return err
	}
	return c.write(b.Bytes())
}
