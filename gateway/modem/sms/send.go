package sms

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"waybill/gateway/modem/at"
)

// sendTimeout is how long the network may take to accept a message (modems' manuals say up to a minute or two).
const sendTimeout = 2 * time.Minute

// Sender writes messages to a modem. One goroutine may use it at a time.
type Sender struct {
	modem     Doer
	reference atomic.Int64 // Of long texts, so that parts of two of them don't mix at the receiver.
}

// NewSender gives a sender over a modem that Setup has been run on.
func NewSender(modem Doer) *Sender { return &Sender{modem: modem} }

// Submit splits the text as needed and sends its parts in order. It returns the message references of the parts that the
// network took. A refusal by the modem means that this part was not sent; after any other error its fate is unknown.
func (s *Sender) Submit(ctx context.Context, to, text string) ([]int, error) {
	parts, err := Split(to, text, Terms{Reference: int(s.reference.Add(1))})
	if err != nil {
		return nil, err
	}
	refs := make([]int, 0, len(parts))
	for _, part := range parts {
		ref, err := s.SubmitPart(ctx, part)
		if err != nil {
			return refs, err
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// NoReference is the reference of a part that the modem sent without giving one: no report can be matched to it.
const NoReference = -1

// SubmitPart sends one part and returns the reference that the network's reports about it will have, 0 to 255, or
// NoReference. Errors are as with Submit.
func (s *Sender) SubmitPart(ctx context.Context, part Submission) (int, error) {
	cmd := at.Query("+CMGS="+strconv.Itoa(part.Length), "+CMGS:")
	cmd.Payload = part.PDU
	cmd.Timeout = sendTimeout
	answer, err := s.modem.Do(ctx, cmd)
	if err != nil {
		return 0, err
	}
	ref, err := strconv.Atoi(fields(answer[0].Field("+CMGS:"))[0])
	if err != nil || ref < 0 || ref > 255 {
		return NoReference, nil //nolint:nilerr // It is sent all the same.
	}
	return ref, nil
}
