package gateway

import (
	"context"
	"errors"
	"time"

	"waybill/gateway/codec"
)

// Answer is a text of a device that may answer a command.
type Answer struct {
	// ID is that of the text.
	ID     string
	Device string // Its uid.
	Body   string
	// Position says that the text has a position, or says that there is none.
	Position bool
	// Time is when the service centre had it, UTC; it may be zero.
	Time     time.Time
	Received time.Time
}

// Answers knows which commands to devices wait for an answer.
type Answers interface {
	// Answer tells whether the text answers a command, and notes it with the command. The same text answers the same
	// command when it comes again. With an error nothing was decided: the text must come again.
	Answer(ctx context.Context, answer Answer) (bool, error)
}

// answering reads a text as its road does, and asks whether it answers a command. One that does is understood, whether
// there is a fix in it or not.
type answering struct {
	texts *Texts
	text  Text
}

// Read implements [Road].
func (a answering) Read(ctx context.Context, m *Message) (Reading, error) {
	reading, err := a.texts.Read(ctx, m)
	why := rejection(err)
	if reading.Device == "" || err != nil && why == nil || why != nil && why.Reason == ReasonDeviceDisabled {
		return reading, err
	}
	answers, failure := a.texts.Answers.Answer(ctx, Answer{
		ID: a.text.ID, Device: reading.Device, Body: string(m.Payload), Position: len(reading.Parts) > 0 || errors.Is(err, codec.ErrNoFix),
		Time: a.text.Time, Received: m.Received,
	})
	switch {
	case failure != nil:
		return reading, failure
	case answers && err != nil:
		reading.Parts = nil
		return reading, nil //nolint:nilerr // It is understood: as an answer.
	}
	return reading, err
}
