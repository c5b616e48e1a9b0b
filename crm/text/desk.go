package text

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/crm"
	"waybill/crm/interaction"
	"waybill/crm/link"
	"waybill/crm/location"
	"waybill/crm/optout"
	"waybill/crm/phone"
	"waybill/internal/access"
	"waybill/internal/database"
	"waybill/tracking"
)

// Text is what somebody wrote.
type Text struct {
	// ID tells it from every other, and is the same when it comes again.
	ID string
	// From is the number as the network gave it.
	From string
	// Time is when the service centre had it.
	Time time.Time
	Body string
}

// maxBody is how much of a text is kept, in bytes: no SMS has more.
const maxBody = 64 << 10

// Links finds what a code shows; [link.Store] is it.
type Links interface {
	// Find returns what the link shows of which somebody typed the code, or
	// [crm.ErrNotFound].
	Find(ctx context.Context, typed string) (link.Target, error)
}

// Locations says where orders are; [location.Service] is it.
type Locations interface {
	// GetIn returns where an order is, for the caller in the context, with known places
	// named in the language.
	GetIn(ctx context.Context, order, language string) (location.Location, error)
}

// Parts are what a desk works with. All are needed.
type Parts struct {
	Pool      *pgxpool.Pool
	Links     Links
	Locations Locations
	// Region is the country whose national numbers are understood.
	Region phone.Region
	// Zone is the one in which answers give times.
	Zone    *time.Location
	Limits  Limits
	Logger  *slog.Logger
	Metrics *Metrics
	// Own are numbers of ours, in E.164: what they send is nobody's.
	Own []string
}

// Desk takes what people write.
type Desk struct {
	Parts
}

// NewDesk makes a desk.
func NewDesk(parts Parts) *Desk { return &Desk{Parts: parts} }

// Receive takes a text. When it returns true the text is committed, with what follows
// from it, and may be deleted; a text that comes again is taken once. False says that it
// is not for this desk: it asks for nothing and its number is nobody's. With an error
// nothing is decided, and the text must come again.
func (d *Desk) Receive(ctx context.Context, t Text) (mine bool, err error) {
	number, err := d.Region.Normalize(t.From)
	if err != nil || number == "" || slices.Contains(d.Own, number) {
		return false, nil //nolint:nilerr // a name or a short code is nobody whom we could answer
	}
	owners, err := d.owners(ctx, number)
	if err != nil {
		return false, err
	}
	request, asks := Read(t.Body)
	if len(owners) == 0 && (!asks || !phone.Subscriber(number)) {
		return false, nil
	}
	took, err := d.took(ctx, t.ID)
	if took || err != nil {
		return took, err
	}
	if now := time.Now(); t.Time.IsZero() || t.Time.After(now) {
		t.Time = now // A service centre's clock may be wrong; a STOP of the future would outlast every START.
	}
	letter := letter{Text: t, number: number, request: request, asks: asks}
	var target link.Target
	if request.Topic == interaction.Track {
		if letter.answer, target, err = d.track(ctx, number, request); err != nil {
			return false, err
		}
	}
	letter.customer, letter.contact = owners.one(target.Customer)
	outcome, err := d.take(ctx, letter)
	if err != nil {
		return false, fmt.Errorf("take a text of %s: %w", number, err)
	}
	d.Metrics.received(request.Topic, outcome)
	return true, nil
}

// letter is a text with what is known of it.
type letter struct {
	Text

	number            string
	customer, contact string
	request           Request
	asks              bool
	// answer is what is said to TRACK; empty when nothing may be.
	answer string
}

// took says whether the text was taken before.
func (d *Desk) took(ctx context.Context, id string) (bool, error) {
	var took bool
	if err := d.Pool.QueryRow(ctx, `select exists (select from crm.interaction where text_id = $1)`, id).Scan(&took); err != nil {
		return false, fmt.Errorf("look for a text: %w", err)
	}
	return took, nil
}

// track looks the order up before the transaction begins: for that other connections
// are needed. It fails only where asking again later may help.
func (d *Desk) track(ctx context.Context, number string, r Request) (answer string, target link.Target, err error) {
	verdict, err := d.Limits.judge(ctx, d.Pool, number)
	if err != nil || verdict != interaction.Answered {
		return "", target, err
	}
	words := wordsOf(r.Language)
	if r.Code == "" {
		return words.howToTrack, target, nil
	}
	target, err = d.Links.Find(ctx, r.Code)
	if errors.Is(err, crm.ErrNotFound) {
		return words.unknownCode, target, nil
	}
	if err != nil {
		return "", target, err
	}
	// Who has the code sees what the customer may.
	as := access.WithCaller(ctx, access.Caller{Role: access.Customer, Customer: crm.CustomerName(target.Customer)})
	at, err := d.Locations.GetIn(as, target.Order, r.Language)
	switch {
	case err == nil:
		return Answer(at, r.Language, d.Zone), target, nil
	case ctx.Err() != nil, database.IsRetryable(err), tracking.IsRetryable(err):
		return "", target, err
	}
	// Whatever it is, it must not keep the text for ever.
	d.Logger.ErrorContext(ctx, "an order can't be located for a text", "order", target.Order, "error", err)
	return words.later, target, nil
}

// take commits the text with what follows from it.
func (d *Desk) take(ctx context.Context, l letter) (outcome interaction.Outcome, err error) {
	err = pgx.BeginFunc(ctx, d.Pool, func(tx pgx.Tx) error {
		// One at a time: the limits count what is committed.
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('crm.text', 0))`); err != nil {
			return fmt.Errorf("wait for other texts: %w", err)
		}
		now := time.Now()
		answer, err := d.follow(ctx, tx, l, now)
		if err != nil {
			return err
		}
		if outcome, answer, err = d.decide(ctx, tx, l, answer); err != nil {
			return err
		}
		id, err := interaction.Insert(ctx, tx, interaction.Interaction{
			Channel: interaction.SMS, Direction: interaction.In, Time: l.Time, Number: l.number, Customer: l.customer, Contact: l.contact,
			Body: storable(l.Body), Topic: l.request.Topic, Outcome: outcome, TextID: l.ID,
		})
		if err != nil || id == 0 {
			return err // With zero, a twin of this call was quicker; what followed was the same.
		}
		if answer != "" {
			if _, err := queue(ctx, tx, message{task: taskReply, life: replyLife, Interaction: interaction.Interaction{
				Time: now, Number: l.number, Customer: l.customer, Contact: l.contact, Body: answer, Topic: l.request.Topic,
				ReplyTo: id, RequestID: requestID("answer", l.ID),
			}}); err != nil {
				return err
			}
		}
		if l.customer == "" {
			return interaction.Trim(ctx, tx, l.number)
		}
		return nil
	})
	return outcome, err
}

// follow does what the text asks for, beyond the limits as well, and returns what to
// say to it.
func (d *Desk) follow(ctx context.Context, tx pgx.Tx, l letter, now time.Time) (answer string, err error) {
	words := wordsOf(l.request.Language)
	switch l.request.Topic {
	case interaction.Track:
		return l.answer, nil
	case interaction.Help:
		return words.help, nil
	case interaction.Stop, interaction.Start:
		stop := l.request.Topic == interaction.Stop
		changed, err := optout.Set(ctx, tx, optout.OptOut{Number: l.number, OptedOut: stop, SetTime: l.Time, SetBy: optout.ByText})
		if err != nil || !stop {
			return words.started, err
		}
		if err := takeBack(ctx, tx, l.number, now); err != nil || !changed {
			return "", err // It was confirmed the first time.
		}
		return words.stopped, nil
	case interaction.Message:
	}
	return "", nil
}

// decide says what becomes of the text, and what is answered within the limits.
func (d *Desk) decide(ctx context.Context, tx pgx.Tx, l letter, answer string) (interaction.Outcome, string, error) {
	if !l.asks {
		return interaction.Kept, "", nil
	}
	verdict, err := d.Limits.judge(ctx, tx, l.number)
	switch {
	case err != nil:
		return "", "", err
	case verdict == interaction.TooMany && answer != "" && (l.request.Topic == interaction.Stop || l.request.Topic == interaction.Start):
		return verdict, answer, nil // It was done: to try again later would be the wrong advice.
	case verdict == interaction.TooMany:
		return verdict, wordsOf(l.request.Language).tooMany, nil
	case verdict == interaction.Answered && answer != "":
		return verdict, answer, nil
	}
	return interaction.Silent, "", nil
}

// storable makes text of what came from outside: PostgreSQL refuses NUL and bad UTF-8,
// and what can't be stored would come again for ever.
func storable(body string) string {
	if len(body) > maxBody {
		body = body[:maxBody]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(body, "\uFFFD"), "\x00", "\uFFFD")
}
