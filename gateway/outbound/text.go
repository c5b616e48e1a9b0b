package outbound

import (
	"errors"
	"time"

	"waybill/gateway/modem/sms"
)

// Priority says who goes first: every text of a lesser number before every one of a greater. The numbers are stored.
type Priority int

// The priorities.
const (
	Command Priority = 1 // To a unit.
	Reply   Priority = 2 // To somebody who asked and waits.
	Notice  Priority = 3 // What can wait.
)

// String is the word for the priority.
func (p Priority) String() string {
	switch p {
	case Command:
		return "command"
	case Reply:
		return "reply"
	case Notice:
		return "notice"
	}
	return "unknown"
}

// State is how far a text is. It comes into exactly one end state and stays in it. The words are stored.
type State string

// The states. Delivered is no end while the answer of a unit is awaited.
const (
	Queued    State = "queued"
	Sending   State = "sending"   // A part is in the hands of a modem.
	Sent      State = "sent"      // The network has taken all parts.
	Delivered State = "delivered" // The network says that all parts arrived.
	Answered  State = "answered"  // The unit answered the command.
	Failed    State = "failed"
	Expired   State = "expired"
	Cancelled State = "cancelled"
	Unknown   State = "unknown" // Lost from sight while a part was handed over; it may have been sent.
)

// Text is a text to somebody, and how far it is.
type Text struct {
	// UID is the public id.
	UID string
	// Key numbers texts in the order in which they were queued.
	Key int64
	// Version is the fence: a change that names another version than the stored one is refused.
	Version int64
	// RequestID makes a repeated request harmless; empty when none was given.
	RequestID string

	To   string // E.164.
	Body string
	// Shown is the body without what is secret.
	Shown    string
	Priority Priority
	State    State
	Cost     sms.Cost

	PartsSent int    // How many the network has taken; they go in order.
	Attempts  int    // How often a part was handed to a modem.
	Failures  int    // How often the network refused one.
	Once      bool   // Never sent again, not even after a definite error.
	Modem     string // That had it last.
	Code      string // Of the last error or report: "cms-500", "report-70".
	Detail    string // Why it is as it is, for a person, with what to do.
	Command   string // The uid of the command that it carries, or empty.
	Creator   string

	// AnswerWithin is how long after it was sent a unit's answer is awaited; zero for texts that nobody answers.
	AnswerWithin time.Duration

	CreateTime   time.Time
	NextTime     time.Time // Not sent before this.
	ExpireTime   time.Time // Not sent after this.
	SentTime     time.Time
	DeliveryTime time.Time
	EndTime      time.Time // Zero until it is in its end state.
}

var (
	// ErrFull says that as many texts of the priority wait as may.
	ErrFull = errors.New("the queue is full")
	// ErrHandedOver says that a text can't be taken back any more.
	ErrHandedOver = errors.New("it is not in the queue any more")
	// ErrOutrun says that somebody else changed the text first: what was to be noted about it is not.
	ErrOutrun = errors.New("another process changed the text first")
)
