package outbound

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"waybill/gateway/modem/sms"
	"waybill/tracking"
)

// Store keeps the texts. Its methods return [tracking.ErrUnavailable] when it is away.
type Store interface {
	// Add queues a text, or returns the one that the same request queued before. It returns [ErrFull].
	Add(ctx context.Context, text Text) (Text, error)
	// Get returns one, or [tracking.ErrNotFound].
	Get(ctx context.Context, uid string) (Text, error)
	// List gives those that the filter lets through, the newest first.
	List(ctx context.Context, filter Filter) ([]Text, error)
	// Cancel takes one back. It returns [tracking.ErrNotFound], or [ErrHandedOver] with the text as it is.
	Cancel(ctx context.Context, uid string, now time.Time) (Text, error)
}

// Filter says which texts to list.
type Filter struct {
	State  State  // Any when empty.
	To     string // Any when empty.
	Before int64  // The key that the page ends before; zero for the newest.
	Limit  int
}

// Request is what somebody wants to be sent.
type Request struct {
	RequestID  string
	To         string
	Body       string
	Priority   Priority  // Notice when zero.
	ExpireTime time.Time // As [Life] says when zero.
	Creator    string
}

// Life is how long a text may take to be sent when nobody says otherwise.
func Life(p Priority) time.Duration {
	switch p {
	case Command:
		return 15 * time.Minute
	case Reply:
		return time.Hour
	case Notice:
	}
	return 24 * time.Hour
}

const (
	// longestLife bounds how long a text may wait.
	longestLife = 7 * 24 * time.Hour
	// maxRequestID bounds a request id, in bytes.
	maxRequestID = 200
)

// Desk takes in what is to be sent.
type Desk struct {
	Store Store
	// Region is the country whose numbers may be written without a prefix.
	Region string
	// Wake is called when something was queued; it may be nil.
	Wake func()
}

// Send queues a text, and returns the one that is there when the request was made before. It fails with a
// [tracking.FieldError], [ErrFull] or [tracking.ErrUnavailable].
func (d *Desk) Send(ctx context.Context, r Request) (Text, error) {
	text, err := d.compose(r, time.Now())
	if err != nil {
		return Text{}, err
	}
	kept, err := d.Store.Add(ctx, text)
	if err != nil {
		return Text{}, fmt.Errorf("queue a text: %w", err)
	}
	if kept.To != text.To || kept.Body != text.Body {
		return Text{}, &tracking.FieldError{
			Field: "request_id", Err: tracking.ErrExists, Advice: "another text was sent with this request id; use a new one for a new text",
		}
	}
	if d.Wake != nil {
		d.Wake()
	}
	return kept, nil
}

// compose makes the text that is asked for.
func (d *Desk) compose(r Request, now time.Time) (Text, error) {
	if len(r.RequestID) > maxRequestID || strings.ToValidUTF8(r.RequestID, "") != r.RequestID || strings.ContainsRune(r.RequestID, 0) {
		return Text{}, wrong("request_id", fmt.Sprintf("use at most %d bytes of text, best a UUID", maxRequestID))
	}
	to, err := Number(r.To, d.Region)
	if err != nil {
		return Text{}, err
	}
	cost, err := Estimate(r.Body)
	if err != nil {
		return Text{}, err
	}
	switch r.Priority {
	case 0:
		r.Priority = Notice
	case Command, Reply, Notice:
	default:
		return Text{}, wrong("priority", "use command, reply or notice")
	}
	if r.ExpireTime.IsZero() {
		r.ExpireTime = now.Add(Life(r.Priority))
	}
	if !r.ExpireTime.After(now) || r.ExpireTime.Sub(now) > longestLife {
		return Text{}, wrong("expire_time", "give a time from now on, and at most a week away")
	}
	return Text{
		UID: NewUID(), RequestID: r.RequestID, To: to, Body: r.Body, Shown: r.Body, Priority: r.Priority, State: Queued, Cost: cost,
		Creator: r.Creator, CreateTime: now, NextTime: now, ExpireTime: r.ExpireTime,
	}, nil
}

// Estimate tells what a text would cost, or in a [tracking.FieldError] why it can't be sent.
func Estimate(body string) (sms.Cost, error) {
	if strings.ContainsRune(body, 0) {
		return sms.Cost{}, wrong("body", "leave the zero character out")
	}
	cost, err := sms.Estimate(body)
	switch {
	case err == nil && strings.ToValidUTF8(body, "") == body:
		return cost, nil
	case err == nil:
		return cost, wrong("body", "write it in UTF-8")
	case errors.Is(err, sms.ErrEmpty), errors.Is(err, sms.ErrTooLong):
		return cost, wrong("body", err.Error())
	}
	return cost, fmt.Errorf("estimate a text: %w", err)
}

// NewUID makes up the public id of a text or command.
func NewUID() string { return strings.ToLower(rand.Text()[:16]) }

func wrong(field, advice string) error {
	return &tracking.FieldError{Field: field, Advice: advice, Err: tracking.ErrInvalid}
}
