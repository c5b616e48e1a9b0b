package command

import (
	"errors"
	"regexp"
	"time"

	"waybill/gateway"
	"waybill/gateway/outbound"
)

// Command is something asked of a unit.
type Command struct {
	UID       string
	Key       int64 // Numbers them in the order in which they were given.
	RequestID string
	Device    string
	Kind      string
	Model     string
	To        string
	Body      string
	Shown     string // The body without what is secret.

	AnswerPattern  string
	AnswerPosition bool
	AnswerWithin   time.Duration
	Once           bool
	ExpireWithin   time.Duration

	Creator    string
	CreateTime time.Time

	// ConfirmHash is the SHA-256 of the token that confirms it; nil where nothing is to be confirmed.
	ConfirmHash  []byte
	ConfirmUntil time.Time
	Confirmer    string
	ConfirmTime  time.Time

	// Text carries it; its UID is empty before the command was confirmed.
	Text outbound.Text

	Answer     string
	AnswerID   string
	AnswerTime time.Time
}

var (
	// ErrToken says that a command can't be confirmed with this token.
	ErrToken = errors.New("the token is wrong")
	// ErrLate says that the time in which a command could be confirmed is over.
	ErrLate = errors.New("the time to confirm it is over")
	// ErrNothingToConfirm says that a command needs no confirmation.
	ErrNothingToConfirm = errors.New("it needs no confirmation")
)

// Lapsed tells that nobody confirmed the command in time: it was not sent, and never will be.
func (c *Command) Lapsed(now time.Time) bool {
	return c.Text.UID == "" && now.After(c.ConfirmUntil)
}

// Fits tells whether a text of the device answers the command.
func (c *Command) Fits(a gateway.Answer) bool {
	if c.AnswerPosition && a.Position {
		return true
	}
	if c.AnswerPattern == "" {
		return false
	}
	pattern, err := regexp.Compile("(?i)" + c.AnswerPattern)
	return err == nil && pattern.MatchString(a.Body)
}

// text is what carries the command.
func (c *Command) text(now time.Time) (outbound.Text, error) {
	cost, err := outbound.Estimate(c.Body)
	return outbound.Text{
		UID: outbound.NewUID(), To: c.To, Body: c.Body, Shown: c.Shown, Priority: outbound.Command, Cost: cost, Once: c.Once,
		Creator: c.Creator, AnswerWithin: c.AnswerWithin, CreateTime: now, NextTime: now, ExpireTime: now.Add(c.ExpireWithin),
	}, err
}
