package text

import (
	"context"
	"errors"
	"time"
)

var (
	// ErrRefused says that the gateway won't send a text, however often it is asked.
	ErrRefused = errors.New("the gateway refuses to send it")
	// ErrTooLate says that a text can't be taken back any more.
	ErrTooLate = errors.New("it can't be taken back any more")
)

// Outgoing is a text to be sent.
type Outgoing struct {
	// RequestID makes a repeated call harmless.
	RequestID string
	// To is a number in E.164.
	To   string
	Body string
	// Reply says that somebody asked and waits.
	Reply bool
	// Expire is when it is not worth sending any more.
	Expire time.Time
}

// Gateway sends texts. Its errors, but for those that are named, say that it may be
// asked again.
type Gateway interface {
	// Send queues a text and returns what the gateway calls it: `texts/{text}`. The
	// error is [ErrRefused] for what it never will send.
	Send(ctx context.Context, text Outgoing) (name string, err error)
	// Cancel takes a text back, or fails with [ErrTooLate].
	Cancel(ctx context.Context, name string) error
}
