package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/gateway/modem/sms"
	"waybill/gateway/outbound"
	"waybill/internal/database"
	"waybill/tracking"
)

// mostQueued is how many texts of one priority may wait.
const mostQueued = 10_000

// Outbound keeps what is to be sent: it is an [outbound.Store] and an [outbound.Queue].
type Outbound struct{ pool *pgxpool.Pool }

// NewOutbound makes a store on a migrated database.
func NewOutbound(pool *pgxpool.Pool) *Outbound { return &Outbound{pool: pool} }

// in runs f in a transaction, and makes of a store that is away an error that callers know.
func (o *Outbound) in(ctx context.Context, what string, f func(pgx.Tx) error) error {
	return sent(what, pgx.BeginFunc(ctx, o.pool, f))
}

func sent(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return tracking.ErrNotFound
	case database.IsRetryable(err):
		return fmt.Errorf("%w: %s: %w", tracking.ErrUnavailable, what, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

const textColumns = `t.id, t.uid, t.version, coalesce(t.request_id, ''), t.recipient, t.body, t.shown_body, t.priority, t.state, t.encoding,
    t.characters, t.parts, t.parts_sent, t.attempts, t.failures, t.once, t.modem, t.code, t.detail, t.creator, t.answer_within,
    t.create_time, t.next_time, t.expire_time, t.sent_time, t.delivery_time, t.end_time,
    coalesce((select c.uid from gateway.command c where c.text_id = t.id), '')`

const addText = `
insert into gateway.outbound_text as t (uid, request_id, recipient, body, shown_body, priority, encoding, characters, parts, once,
    answer_within, creator, create_time, next_time, expire_time)
values ($1, nullif($2, ''), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
on conflict (request_id) do nothing
returning ` + textColumns

// Add implements [outbound.Store].
func (o *Outbound) Add(ctx context.Context, text outbound.Text) (kept outbound.Text, err error) {
	err = o.in(ctx, "queue a text", func(tx pgx.Tx) error {
		kept, err = add(ctx, tx, text)
		return err
	})
	return kept, err
}

func add(ctx context.Context, tx pgx.Tx, text outbound.Text) (outbound.Text, error) {
	if text.RequestID != "" {
		kept, err := textWhere(ctx, tx, "t.request_id = $1", text.RequestID)
		if err == nil || !errors.Is(err, pgx.ErrNoRows) {
			return kept, err
		}
	}
	var waiting int
	err := tx.QueryRow(ctx, `select count(*) from gateway.outbound_text where state = 'queued' and priority = $1`, text.Priority).Scan(&waiting)
	if err != nil {
		return text, err
	}
	if waiting >= mostQueued {
		return text, outbound.ErrFull
	}
	rows, err := tx.Query(ctx, addText, text.UID, text.RequestID, text.To, text.Body, text.Shown, text.Priority, encodingWord(text.Cost.Encoding),
		text.Cost.Characters, text.Cost.Parts, text.Once, interval(text.AnswerWithin), text.Creator, text.CreateTime, text.NextTime, text.ExpireTime)
	if err != nil {
		return text, err
	}
	kept, err := pgx.CollectExactlyOneRow(rows, scanText)
	if errors.Is(err, pgx.ErrNoRows) { // The same request came first, just now.
		return textWhere(ctx, tx, "t.request_id = $1", text.RequestID)
	}
	return kept, err
}

// Get implements [outbound.Store].
func (o *Outbound) Get(ctx context.Context, uid string) (text outbound.Text, err error) {
	err = o.in(ctx, "get a text", func(tx pgx.Tx) error {
		text, err = textWhere(ctx, tx, "t.uid = $1", uid)
		return err
	})
	return text, err
}

// List implements [outbound.Store].
func (o *Outbound) List(ctx context.Context, f outbound.Filter) (texts []outbound.Text, err error) {
	err = o.in(ctx, "list texts", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select `+textColumns+` from gateway.outbound_text t
			where ($1 = '' or t.state = $1) and ($2 = '' or t.recipient = $2) and ($3 = 0 or t.id < $3)
			order by t.id desc limit $4`, string(f.State), f.To, f.Before, f.Limit)
		if err != nil {
			return err
		}
		texts, err = pgx.CollectRows(rows, scanText)
		return err
	})
	return texts, err
}

// Cancel implements [outbound.Store].
func (o *Outbound) Cancel(ctx context.Context, uid string, now time.Time) (text outbound.Text, err error) {
	err = o.in(ctx, "cancel a text", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update gateway.outbound_text
			set state = 'cancelled', end_time = $2, version = version + 1 where uid = $1 and state = 'queued'`, uid, now)
		if err != nil {
			return err
		}
		text, err = textWhere(ctx, tx, "t.uid = $1", uid)
		if err == nil && tag.RowsAffected() == 0 && text.State != outbound.Cancelled {
			return outbound.ErrHandedOver
		}
		return err
	})
	return text, err
}

func textWhere(ctx context.Context, tx pgx.Tx, condition string, arg any) (outbound.Text, error) {
	rows, err := tx.Query(ctx, `select `+textColumns+` from gateway.outbound_text t where `+condition, arg)
	if err != nil {
		return outbound.Text{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanText)
}

func scanText(row pgx.CollectableRow) (outbound.Text, error) {
	var t outbound.Text
	var encoding string
	var within *time.Duration
	var sent, delivered, end *time.Time
	err := row.Scan(&t.Key, &t.UID, &t.Version, &t.RequestID, &t.To, &t.Body, &t.Shown, &t.Priority, &t.State, &encoding,
		&t.Cost.Characters, &t.Cost.Parts, &t.PartsSent, &t.Attempts, &t.Failures, &t.Once, &t.Modem, &t.Code, &t.Detail, &t.Creator, &within,
		&t.CreateTime, &t.NextTime, &t.ExpireTime, &sent, &delivered, &end, &t.Command)
	if encoding == "ucs2" {
		t.Cost.Encoding = sms.UCS2
	}
	if within != nil {
		t.AnswerWithin = *within
	}
	t.SentTime, t.DeliveryTime, t.EndTime = orZero(sent), orZero(delivered), orZero(end)
	return t, err
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// interval is a duration, or null for none.
func interval(d time.Duration) *time.Duration {
	if d == 0 {
		return nil
	}
	return &d
}

func encodingWord(e sms.Encoding) string {
	if e == sms.UCS2 {
		return "ucs2"
	}
	return "gsm7"
}
