package interaction

import (
	"strconv"
	"time"
)

// Channel is the way by which something was said.
type Channel string

// SMS is the channel of texts.
const SMS Channel = "sms"

// Direction is who spoke.
type Direction string

// The directions.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// Topic is what an interaction is about, as far as a machine can tell; empty for what a
// person has to read.
type Topic string

// The topics.
const (
	Track Topic = "track"
	Stop  Topic = "stop"
	Start Topic = "start"
	Help  Topic = "help"
	// Message is what one of the staff wrote.
	Message Topic = "message"
)

// Outcome is what became of an interaction.
type Outcome string

// The outcomes. Those that came in are kept, answered, too many or silent; those that
// go out wait until they are handed over, withheld, expired or refused.
const (
	// Kept: it is for a person to read.
	Kept Outcome = "kept"
	// Answered by a machine.
	Answered Outcome = "answered"
	// TooMany: beyond the limit, and told so.
	TooMany Outcome = "too_many"
	// Silent: understood, and not answered: beyond the limit, or nothing to say.
	Silent Outcome = "silent"
	// Waiting to be handed to the gateway.
	Waiting Outcome = "waiting"
	// HandedOver to the gateway, which knows the rest.
	HandedOver Outcome = "handed_over"
	// Withheld because the number wants no messages.
	Withheld Outcome = "withheld"
	// Expired before the gateway could be reached.
	Expired Outcome = "expired"
	// Refused by the gateway, for good.
	Refused Outcome = "refused"
)

// Interaction is one thing that was said.
type Interaction struct {
	ID        int64
	Channel   Channel
	Direction Direction
	// Time of what came in is the service centre's, of what goes out when it was
	// written.
	Time time.Time
	// Number is the person's, in E.164.
	Number string
	// Customer and Contact are ids; empty where the number was nobody's, or not one's
	// alone.
	Customer string
	Contact  string
	Body     string
	Topic    Topic
	Outcome  Outcome
	// TextID is the gateway's id of a text that came in.
	TextID string
	// RequestID is by what the gateway is asked to send a text once, and TextName what
	// it calls it; both of what goes out alone.
	RequestID string
	TextName  string
	// ReplyTo is the interaction that this answers, or zero.
	ReplyTo int64
	// Author is who of the staff wrote it.
	Author string
}

// Name is the resource name.
func (i Interaction) Name() string { return "interactions/" + strconv.FormatInt(i.ID, 10) }
