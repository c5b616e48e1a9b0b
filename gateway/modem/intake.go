package modem

import (
	"context"
	"fmt"
	"strings"
	"time"

	"waybill/gateway"
	"waybill/tracking"
)

// ReasonPDU is the reason for which a stored message is rejected that can't be read at all.
const ReasonPDU tracking.Reason = "undecodable_pdu"

// Intake is the Handler that takes texts the gateway's way: fixes to the sink, the rest to rejected input.
type Intake struct{ Texts *gateway.Texts }

// HandleText implements Handler. Errors are those of gateway.Intake.Accept.
func (i Intake) HandleText(ctx context.Context, text Text) error {
	if text.Problem != nil {
		m := &gateway.Message{
			Road: gateway.RoadSMS, Sender: "modem " + text.Modem, Payload: []byte(strings.Join(text.PDUs, "\n")), Received: time.Now(),
		}
		if err := i.Texts.Intake.Reject(ctx, m, "", &gateway.Rejection{Reason: ReasonPDU, Detail: text.Problem.Error()}); err != nil {
			return fmt.Errorf("keep a message that can't be read: %w", err)
		}
		return nil
	}
	body := []byte(text.Body)
	if text.Data != nil {
		body = text.Data
	}
	return i.Texts.HandleText(ctx, gateway.Text{ID: text.ID, Sender: text.From, Time: text.SentTime, Body: body})
}
