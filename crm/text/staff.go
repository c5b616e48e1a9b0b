package text

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/crm"
	"waybill/crm/interaction"
	"waybill/crm/optout"
)

// longestMessage is how many parts a message of the staff may have.
const longestMessage = 10

// OptedOutError says that a number wants no messages.
type OptedOutError struct{ optout.OptOut }

// Error says who said so and when.
func (e *OptedOutError) Error() string {
	by := "by a text"
	if e.SetBy != optout.ByText {
		by = "by " + e.SetBy
	}
	return fmt.Sprintf("%s wants no messages since %s UTC, set %s; call, or wait until START comes from it",
		e.Number, e.SetTime.Format(time.DateTime), by)
}

// Post sends what the staff writes.
type Post struct {
	pool         *pgxpool.Pool
	optOuts      *optout.Store
	interactions *interaction.Store
}

// NewPost makes a post.
func NewPost(pool *pgxpool.Pool, optOuts *optout.Store, interactions *interaction.Store) *Post {
	return &Post{pool: pool, optOuts: optOuts, interactions: interactions}
}

// Message is what one of the staff writes.
type Message struct {
	// Customer is an id, and Contact that of one of its people; the customer itself when
	// empty.
	Customer, Contact string
	Body              string
	// Author is who writes it.
	Author string
	// RequestID makes a repeated call harmless; it may be empty.
	RequestID string
}

// Check says what is wrong with a message, and returns the number it goes to. The error
// is [crm.ErrInvalid], [crm.ErrNotFound] or an [OptedOutError].
func (p *Post) Check(ctx context.Context, m Message) (number string, err error) {
	var c crm.Checks
	c.That(strings.TrimSpace(m.Body) != "", "body", "write something")
	c.That(!strings.Contains(m.Body, "\x00"), "body", "take the NUL character out of the text")
	c.That(parts(m.Body) <= longestMessage, "body", fmt.Sprintf("it takes %d SMS; write at most %d", parts(m.Body), longestMessage))
	crm.CheckRequestID(&c, m.RequestID)
	if err := c.Err(); err != nil {
		return "", err
	}
	if number, err = p.number(ctx, m); err != nil {
		return "", err
	}
	will, err := p.optOuts.Get(ctx, number)
	switch {
	case errors.Is(err, crm.ErrNotFound):
		return number, nil
	case err != nil:
		return "", err
	case will.OptedOut:
		return "", &OptedOutError{OptOut: will}
	}
	return number, nil
}

func (p *Post) number(ctx context.Context, m Message) (number string, err error) {
	name := crm.CustomerName(m.Customer)
	query, args := `select phone from crm.customer where id = $1`, []any{m.Customer}
	if m.Contact != "" {
		name = crm.ContactName(m.Customer, m.Contact)
		query, args = `select phone from crm.contact where customer = $1 and id = $2`, []any{m.Customer, m.Contact}
	}
	number, err = crm.One(ctx, p.pool, pgx.RowTo[string], name, query, args...)
	if err == nil && number == "" {
		err = crm.Invalid("name", name+" has no phone number; give it one first")
	}
	return number, err
}

// Send has the message sent to the customer. Errors are those of [Post.Check].
func (p *Post) Send(ctx context.Context, m Message) (interaction.Interaction, error) {
	id := m.RequestID
	if id == "" {
		id = uuid.NewString()
	}
	id = requestID("message", id)
	// What was sent stays sent, whatever the number wants by now.
	sent, err := p.sent(ctx, m, id)
	if !errors.Is(err, crm.ErrNotFound) {
		return sent, err
	}
	number, err := p.Check(ctx, m)
	if err != nil {
		return interaction.Interaction{}, err
	}
	err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		sent, err = queue(ctx, tx, message{task: taskNotice, life: noticeLife, Interaction: interaction.Interaction{
			Time: time.Now().UTC(), Number: number, Customer: m.Customer, Contact: m.Contact, Body: m.Body,
			Topic: interaction.Message, RequestID: id, Author: m.Author,
		}})
		return err
	})
	if err != nil || sent.ID != 0 {
		return sent, err
	}
	return p.sent(ctx, m, id) // A twin of this call was quicker.
}

// sent is what went out by the request id before, or [crm.ErrNotFound].
func (p *Post) sent(ctx context.Context, m Message, id string) (interaction.Interaction, error) {
	sent, err := p.interactions.ByRequest(ctx, id)
	if err == nil && (sent.Body != m.Body || sent.Customer != m.Customer || sent.Contact != m.Contact) {
		return sent, crm.OtherRequest()
	}
	return sent, err
}
