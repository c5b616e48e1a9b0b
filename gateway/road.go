package gateway

import (
	"context"
	"errors"
	"time"

	"waybill/gateway/codec"
	"waybill/tracking"
)

// Message is one thing that came in, before anybody looked into it.
type Message struct {
	// Road names the way it came by: "mqtt", "broker", "sms".
	Road string
	// Sender is who sent it, as the road knows senders: an MQTT username, a phone number.
	Sender string
	// Origin is who is held to account for it: rubbish is bounded and slowed by origin. Empty means the sender; where
	// the sender is only claimed it is the address that claims.
	Origin string
	// Topic is the MQTT topic; of a long text that is not whole, which parts there are; else empty.
	Topic string
	// Payload is what came, or its beginning.
	Payload []byte
	// Size is the length of what came, in bytes, where Payload is only its beginning; otherwise zero.
	Size int64
	// ID tells it from every other where the road has such a thing, and is the same when it comes again; else it is
	// empty.
	ID string
	// Sent is when it was sent, UTC, where the road knows that (the service centre's time of a text); else it is zero.
	Sent time.Time
	// Received is when the gateway had it in hand.
	Received time.Time
	// Alone says that nobody else waits behind this message, so that its acknowledgement may be held back to slow the
	// origin down. On a shared road the rubbish of a flood is counted and dropped instead.
	Alone bool
}

func (m *Message) origin() string {
	if m.Origin != "" {
		return m.Origin
	}
	return m.Sender
}

func (m *Message) size() int64 { return max(m.Size, int64(len(m.Payload))) }

// Reading is what a road found in a message.
type Reading struct {
	// Device is the uid of the device that the message is from, or empty.
	Device string
	// Format names the format of the message, or is empty.
	Format string
	// Parts are the reports in the message. None means that the message is understood and is no report.
	Parts []codec.Part
	// Alarm is what the message warns of, a word of package alarm, where no report in it says so: also in one that can't
	// be used otherwise.
	Alarm string
}

// Road reads the messages that came by it, now or when they are replayed.
type Road interface {
	// Read says whose the message is and what is in it. A message that can't be used gives a [*Rejection] or an error
	// of package codec, with as much of the reading as is known. Every other error means "not now".
	Read(ctx context.Context, m *Message) (Reading, error)
}

// Rejection says why a message can't be used, whenever it is sent.
type Rejection struct { //nolint:errname // a verdict, which travels as an error
	Reason tracking.Reason
	// Detail is what was found, for a person. What to do about it is added from the reason.
	Detail string
}

// Error gives reason and detail.
func (r *Rejection) Error() string {
	if r.Detail == "" {
		return "rejected: " + string(r.Reason)
	}
	return "rejected: " + string(r.Reason) + ": " + r.Detail
}

// Identified turns the answer of a [Directory] about a sender into the beginning of a reading, or into the reason why
// its messages are rejected.
func Identified(device tracking.Device, err error, sender string) (Reading, error) {
	switch {
	case errors.Is(err, tracking.ErrNotFound) && sender == "":
		return Reading{}, &Rejection{Reason: tracking.ReasonUnknownDevice, Detail: "it names no sender"}
	case errors.Is(err, tracking.ErrNotFound):
		return Reading{}, &Rejection{Reason: tracking.ReasonUnknownDevice, Detail: "no device is known as " + sender}
	case err != nil:
		return Reading{}, err
	case device.Disabled:
		return Reading{Device: device.UID}, &Rejection{Reason: ReasonDeviceDisabled, Detail: "the device " + device.UID + " is disabled"}
	}
	return Reading{Device: device.UID}, nil
}
