package gateway

import (
	"context"
	"crypto/sha256"
	"strings"
	"time"

	"waybill/tracking"
)

// MaxKept is how much of a rejected payload is kept, in bytes.
const MaxKept = 64 << 10

// How much of the words around a payload is kept, in bytes.
const (
	maxSender = 256
	maxTopic  = 1024
	maxDetail = 2048
)

// RejectedInput is input that could not become a fix, with its reason and how often the very same came.
type RejectedInput struct {
	ID int64
	// Source is the road, and after a slash the format where it is known: "mqtt/owntracks".
	Source string
	Sender string
	Origin string
	// Device is the uid of the device that it is taken to be from, or empty.
	Device string
	Topic  string
	// Message is the id of the message that it is from, or empty. It isn't kept with the input: a message that comes again
	// with its id doesn't count again.
	Message string
	Reason  tracking.Reason
	// Detail says for a person what was found and what to do.
	Detail string
	// Payload is cut at [MaxKept]; Size is how long it was, in bytes.
	Payload []byte
	Size    int64
	Count   int64
	// FirstTime and LastTime are when the gateway had the first and the last of them in hand.
	FirstTime time.Time
	LastTime  time.Time
	// SentTime is when the first was sent, where its road knows that, or zero.
	SentTime time.Time
	// ReplayTime is when it was replayed with success, or zero.
	ReplayTime time.Time
}

// Keeper keeps rejected input.
type Keeper interface {
	// Keep is durable when it returns no error. Input that is kept already only moves its count and last time. Bounds
	// hold by origin and in total; dropped is how many of the oldest went to keep them. It returns
	// [tracking.ErrUnavailable] when the store is away.
	Keep(ctx context.Context, inputs []RejectedInput) (dropped int, err error)
}

// Digest tells payloads apart: with source, sender and reason it makes input unique.
func (r *RejectedInput) Digest() []byte {
	h := sha256.New()
	_, _ = h.Write([]byte(r.Topic))
	_, _ = h.Write([]byte{0})
	_, _ = h.Write(r.Payload)
	return h.Sum(nil)
}

// Whole says that nothing of the payload was cut off, so that it can be replayed.
func (r *RejectedInput) Whole() bool { return int64(len(r.Payload)) == r.Size }

// Sent is when it was sent, or where that is not known, when it first came.
func (r *RejectedInput) Sent() time.Time {
	if r.SentTime.IsZero() {
		return r.FirstTime
	}
	return r.SentTime
}

// Road is the first word of the source.
func (r *RejectedInput) Road() string {
	road, _, _ := strings.Cut(r.Source, "/")
	return road
}

// rejected makes the record of a part of a message, or of the whole when raw is nil.
func rejected(m *Message, reading Reading, why *Rejection, raw []byte) RejectedInput {
	payload, size := m.Payload, m.size()
	if raw != nil {
		payload, size = raw, int64(len(raw))
	}
	return RejectedInput{
		Source:    source(m, reading),
		Sender:    storable(m.Sender, maxSender),
		Origin:    storable(m.origin(), maxSender),
		Device:    storable(reading.Device, maxSender),
		Topic:     storable(m.Topic, maxTopic),
		Message:   m.ID,
		Reason:    why.Reason,
		Detail:    sentences(storable(why.Detail, maxDetail), advice(why.Reason)),
		Payload:   payload[:min(len(payload), MaxKept)],
		Size:      size,
		Count:     1,
		FirstTime: m.Received,
		LastTime:  m.Received,
		SentTime:  m.Sent,
	}
}

func source(m *Message, reading Reading) string {
	if reading.Format == "" {
		return m.Road
	}
	return m.Road + "/" + reading.Format
}

// storable makes text of what came from outside: PostgreSQL refuses bad UTF-8 and NUL, and a message that can't be kept
// would come again for ever.
func storable(s string, limit int) string {
	if len(s) > limit {
		s = s[:limit]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

func sentences(what, todo string) string {
	if what == "" {
		return todo
	}
	return strings.TrimRight(what, ". ") + ". " + todo
}
