package pattern

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"waybill/gateway"
	"waybill/gateway/codec"
	"waybill/tracking"
)

// ErrNotText says that rejected input is no text, or is not there as a whole, so that no pattern can be tried on it.
var ErrNotText = errors.New("it is no text that a pattern could be tried on")

// Store keeps patterns. Its methods fail with [tracking.ErrUnavailable] when it is away.
type Store interface {
	Shelf
	// CreatePattern adds a pattern. With a request id that was used before it returns what that made. It fails with a
	// [*tracking.FieldError] when the id is taken, and with [ErrTooMany].
	CreatePattern(ctx context.Context, p *Pattern, requestID string) (Pattern, error)
	// DeletePattern removes one, or returns [tracking.ErrNotFound].
	DeletePattern(ctx context.Context, uid string) error
}

// Inputs is where rejected input is kept.
type Inputs interface {
	// Get returns one, or [gateway.ErrNoInput].
	Get(ctx context.Context, id int64) (gateway.RejectedInput, error)
	// UndecodedTexts gives up to limit texts that no format could read and that were not replayed, in the order in which
	// they first came, with ids after the given one.
	UndecodedTexts(ctx context.Context, after int64, limit int) ([]gateway.RejectedInput, error)
}

// Replayer runs rejected input through the gateway again: a [gateway.Replayer].
type Replayer interface {
	Replay(ctx context.Context, id int64) (gateway.Tally, gateway.RejectedInput, error)
}

// BuiltIn are the formats that Waybill has itself: [gateway.Texts] tries them.
type BuiltIn interface {
	Decode(payload []byte, zone *time.Location) (format string, fixes []tracking.Fix, err error)
}

// Teacher adds patterns, tries them, and recovers with them what was rejected.
type Teacher struct {
	Store     Store
	Book      *Book
	BuiltIn   BuiltIn
	Inputs    Inputs
	Replayer  Replayer
	Directory gateway.Directory
}

// Taught is a pattern that was added.
type Taught struct {
	Pattern Pattern
	// Conflicts say in words which formats read the example before the pattern does.
	Conflicts []string
}

// Teach checks a pattern with its example and adds it. With onlyCheck it is not added. Errors are those of [Compile] and
// of [Store].
func (t *Teacher) Teach(ctx context.Context, p *Pattern, requestID string, onlyCheck bool) (Taught, error) {
	if p.UID == "" {
		p.UID = tracking.NewUID()
	}
	c, err := Compile(p)
	if err != nil {
		return Taught{}, err
	}
	if err := c.CheckExample(time.UTC); err != nil {
		return Taught{}, err
	}
	conflicts, err := t.conflicts(ctx, c)
	if err != nil || onlyCheck {
		return Taught{Pattern: *p, Conflicts: conflicts}, err
	}
	stored, err := t.Store.CreatePattern(ctx, p, requestID)
	return Taught{Pattern: stored, Conflicts: conflicts}, err
}

// conflicts finds who reads the example before the pattern would.
func (t *Teacher) conflicts(ctx context.Context, c *Compiled) ([]string, error) {
	var conflicts []string
	if format, decides := t.builtIn(c.Example, time.UTC); decides {
		conflicts = append(conflicts, fmt.Sprintf("the built-in format %s reads the example, and is tried first: the pattern is for other texts only", format))
	}
	patterns, err := t.Book.Patterns(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range patterns {
		if _, ok := p.Read(c.Example, time.Now(), time.UTC); ok && p.UID != c.UID {
			conflicts = append(conflicts, fmt.Sprintf("patterns/%s reads the example, and was taught first: delete it if this one is to replace it", p.UID))
		}
	}
	return conflicts, nil
}

// builtIn says whether a built-in format decides about the text, as [gateway.Texts] has it: it read it, or knows that
// there is no fix in it. One that finds the text broken lets patterns try.
func (t *Teacher) builtIn(text string, zone *time.Location) (format string, decides bool) {
	format, _, err := t.BuiltIn.Decode([]byte(text), zone)
	return format, err == nil || errors.Is(err, codec.ErrNoFix)
}

// Question is what is to be tried.
type Question struct {
	// Pattern is tried alone; all that are taught are when it is nil.
	Pattern *Pattern
	// Text is tried, in the Zone (UTC when nil), unless Input is not zero: then that rejected input is, in the zone of the
	// device that sent it.
	Text  string
	Zone  *time.Location
	Input int64
}

// Attempt is what came of a text with one format.
type Attempt struct {
	// Format is the built-in format, or the taught one ("taught/acme").
	Format string
	Reading
	// Decides says that this format is the one that would decide.
	Decides bool
}

// Trial is what came of a question: the formats that know the text, in the order in which they are tried.
type Trial struct {
	Text     string
	Attempts []Attempt
}

// Try tries without changing anything. Errors are those of [Compile], [gateway.ErrNoInput] and [ErrNotText].
func (t *Teacher) Try(ctx context.Context, q Question) (Trial, error) {
	sent := time.Now()
	if q.Input != 0 {
		input, err := t.Inputs.Get(ctx, q.Input)
		if err != nil {
			return Trial{}, err
		}
		if input.Road() != gateway.RoadSMS || !input.Whole() {
			return Trial{}, ErrNotText
		}
		q.Text, sent = string(input.Payload), input.Sent()
		if q.Zone, err = t.zone(ctx, input.Sender); err != nil {
			return Trial{}, err
		}
	}
	patterns, err := t.candidates(ctx, q.Pattern)
	if err != nil {
		return Trial{}, err
	}
	if q.Zone == nil {
		q.Zone = time.UTC
	}
	text := strings.ToValidUTF8(q.Text, "\uFFFD")
	trial := Trial{Text: text}
	decided := false
	if format, fixes, err := t.BuiltIn.Decode([]byte(q.Text), q.Zone); !errors.Is(err, codec.ErrNotMine) {
		decided = err == nil || errors.Is(err, codec.ErrNoFix)
		attempt := Attempt{Format: format, Reading: Reading{Err: err}, Decides: decided}
		if len(fixes) > 0 {
			attempt.Fix = fixes[0]
		}
		trial.Attempts = append(trial.Attempts, attempt)
	}
	for _, p := range patterns {
		if reading, ok := p.Read(text, sent, q.Zone); ok {
			trial.Attempts = append(trial.Attempts, Attempt{Format: p.Format(), Reading: reading, Decides: !decided})
			decided = true
		}
	}
	return trial, nil
}

func (t *Teacher) candidates(ctx context.Context, alone *Pattern) ([]*Compiled, error) {
	if alone == nil {
		return t.Book.Patterns(ctx)
	}
	if alone.UID == "" {
		alone.UID = "new"
	}
	c, err := Compile(alone)
	if err != nil {
		return nil, err
	}
	return []*Compiled{c}, nil
}

// zone is that of the sender's device; nil for a sender that is none.
func (t *Teacher) zone(ctx context.Context, sender string) (*time.Location, error) {
	device, err := t.Directory.ByPhone(ctx, sender)
	if errors.Is(err, tracking.ErrNotFound) {
		return nil, nil //nolint:nilnil // UTC stands for it
	}
	return device.Zone, err
}
