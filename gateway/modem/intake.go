package modem

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"waybill/gateway"
	"waybill/gateway/modem/sms"
	"waybill/tracking"
)

// The reasons for which a stored message is rejected before its content counts. They are kept, so they don't change.
const (
	ReasonPDU        tracking.Reason = "undecodable_pdu"    // It can't be read at all.
	ReasonNotText    tracking.Reason = "not_a_text"         // It is a status report, or a message to be sent.
	ReasonUnreadable tracking.Reason = "unreadable_message" // The modem lists it and doesn't give it out.
	ReasonFails      tracking.Reason = "failing_text"       // Taking it in fails each time.
)

// Intake is the Handler that takes texts the gateway's way: fixes to the sink, the rest to rejected input.
type Intake struct{ Texts *gateway.Texts }

// HandleText implements Handler. Errors are those of gateway.Intake.Accept.
func (i Intake) HandleText(ctx context.Context, text Text) error {
	var incomplete *IncompleteError
	switch {
	case errors.As(text.Problem, &incomplete):
		pieces := make([]gateway.Piece, len(incomplete.Pieces))
		for n, p := range incomplete.Pieces {
			pieces[n] = gateway.Piece{First: p.First, Last: p.Last, Text: p.Body + string(p.Data)}
		}
		return i.Texts.HandleIncomplete(ctx, gateway.Text{ID: text.ID, Sender: text.From, Time: text.SentTime}, incomplete.Total, pieces)
	case text.Problem != nil:
		return i.reject(ctx, text)
	}
	body := []byte(text.Body)
	if text.Data != nil {
		body = text.Data
	}
	return i.Texts.HandleText(ctx, gateway.Text{ID: text.ID, Sender: text.From, Time: text.SentTime, Body: body})
}

// reject keeps the PDUs, since there is nothing else; of a text that can be read, what it says.
func (i Intake) reject(ctx context.Context, text Text) error {
	reason := ReasonPDU
	switch {
	case errors.Is(text.Problem, sms.ErrNotReceived):
		reason = ReasonNotText
	case errors.Is(text.Problem, ErrUnreadable):
		reason = ReasonUnreadable
	case errors.Is(text.Problem, ErrFails):
		reason = ReasonFails
	}
	m := &gateway.Message{
		Road: gateway.RoadSMS, Sender: "modem " + text.Modem, Payload: []byte(strings.Join(text.PDUs, "\n")), ID: text.ID, Received: time.Now(),
	}
	if reason == ReasonFails {
		m.Sender, m.Payload, m.Sent = text.From, []byte(text.Body+string(text.Data)), text.SentTime
	}
	if err := i.Texts.Intake.Reject(ctx, m, "", &gateway.Rejection{Reason: reason, Detail: text.Problem.Error()}); err != nil {
		return fmt.Errorf("keep a message that can't be read: %w", err)
	}
	return nil
}
