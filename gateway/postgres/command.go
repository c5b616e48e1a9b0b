package postgres

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/gateway/outbound"
	"waybill/gateway/outbound/command"
)

// Commands keeps commands to units and the templates of this installation: it is a [command.Store].
type Commands struct{ pool *pgxpool.Pool }

// NewCommands makes a store on a migrated database.
func NewCommands(pool *pgxpool.Pool) *Commands { return &Commands{pool: pool} }

func (c *Commands) in(ctx context.Context, what string, f func(pgx.Tx) error) error {
	return sent(what, pgx.BeginFunc(ctx, c.pool, f))
}

const selectCommand = `
select c.uid, c.id, coalesce(c.request_id, ''), c.device, c.kind, c.model, c.recipient, c.body, c.shown_body,
    c.answer_pattern, c.answer_fix, c.answer_within, c.once, c.expire_within, c.creator, c.create_time,
    c.confirm_hash, c.confirm_until, c.confirmer, c.confirm_time, coalesce(c.answer, ''), coalesce(c.answer_id, ''), c.answer_time,
    coalesce(t.id, 0), coalesce(t.uid, ''), coalesce(t.state, ''), coalesce(t.detail, '')
from gateway.command c left join gateway.outbound_text t on t.id = c.text_id
`

func scanCommand(row pgx.CollectableRow) (command.Command, error) {
	var c command.Command
	var until, confirmed, answered *time.Time
	err := row.Scan(&c.UID, &c.Key, &c.RequestID, &c.Device, &c.Kind, &c.Model, &c.To, &c.Body, &c.Shown,
		&c.AnswerPattern, &c.AnswerPosition, &c.AnswerWithin, &c.Once, &c.ExpireWithin, &c.Creator, &c.CreateTime,
		&c.ConfirmHash, &until, &c.Confirmer, &confirmed, &c.Answer, &c.AnswerID, &answered,
		&c.Text.Key, &c.Text.UID, &c.Text.State, &c.Text.Detail)
	c.ConfirmUntil, c.ConfirmTime, c.AnswerTime = orZero(until), orZero(confirmed), orZero(answered)
	return c, err
}

func commandWhere(ctx context.Context, tx pgx.Tx, condition string, args ...any) (command.Command, error) {
	rows, err := tx.Query(ctx, selectCommand+"where "+condition, args...)
	if err != nil {
		return command.Command{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanCommand)
}

// AddCommand implements [command.Store].
func (c *Commands) AddCommand(ctx context.Context, wanted command.Command, text *outbound.Text) (kept command.Command, err error) {
	err = c.in(ctx, "give a command", func(tx pgx.Tx) error {
		kept, err = addCommand(ctx, tx, wanted, text)
		return err
	})
	return kept, err
}

func addCommand(ctx context.Context, tx pgx.Tx, c command.Command, text *outbound.Text) (command.Command, error) {
	if c.RequestID != "" {
		kept, err := commandWhere(ctx, tx, "c.request_id = $1", c.RequestID)
		if err == nil || !errors.Is(err, pgx.ErrNoRows) {
			return kept, err
		}
	}
	var key *int64
	if text != nil {
		queued, err := add(ctx, tx, *text)
		if err != nil {
			return c, err
		}
		key = &queued.Key
	}
	tag, err := tx.Exec(ctx, `
insert into gateway.command (uid, request_id, device, kind, model, recipient, body, shown_body, answer_pattern, answer_fix, answer_within,
    once, expire_within, creator, create_time, confirm_hash, confirm_until, text_id)
values ($1, nullif($2, ''), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
on conflict (request_id) do nothing`,
		c.UID, c.RequestID, c.Device, c.Kind, c.Model, c.To, c.Body, c.Shown, c.AnswerPattern, c.AnswerPosition, c.AnswerWithin,
		c.Once, c.ExpireWithin, c.Creator, c.CreateTime, c.ConfirmHash, orNull(c.ConfirmUntil), key)
	if err != nil {
		return c, err
	}
	if tag.RowsAffected() == 0 { // The same request came first, just now: the text that was queued for this one goes.
		if _, err := tx.Exec(ctx, `delete from gateway.outbound_text where id = $1`, key); err != nil {
			return c, err
		}
		return commandWhere(ctx, tx, "c.request_id = $1", c.RequestID)
	}
	return commandWhere(ctx, tx, "c.uid = $1", c.UID)
}

// ConfirmCommand implements [command.Store].
func (c *Commands) ConfirmCommand(
	ctx context.Context, uid string, hash []byte, confirmer string, now time.Time, text func(command.Command) (outbound.Text, error),
) (confirmed command.Command, err error) {
	err = c.in(ctx, "confirm a command", func(tx pgx.Tx) error {
		confirmed, err = confirm(ctx, tx, uid, hash, confirmer, now, text)
		return err
	})
	return confirmed, err
}

func confirm(
	ctx context.Context, tx pgx.Tx, uid string, hash []byte, confirmer string, now time.Time, text func(command.Command) (outbound.Text, error),
) (command.Command, error) {
	// Whoever confirms it at the same time waits here, and finds it confirmed.
	if _, err := tx.Exec(ctx, `select from gateway.command where uid = $1 for update`, uid); err != nil {
		return command.Command{}, err
	}
	c, err := commandWhere(ctx, tx, "c.uid = $1", uid)
	switch {
	case err != nil:
		return c, err
	case c.ConfirmHash == nil:
		return c, command.ErrNothingToConfirm
	case subtle.ConstantTimeCompare(hash, c.ConfirmHash) != 1:
		return c, command.ErrToken
	case !c.ConfirmTime.IsZero():
		return c, nil
	case now.After(c.ConfirmUntil):
		return c, command.ErrLate
	}
	carrier, err := text(c)
	if err != nil {
		return c, err
	}
	carrier, err = add(ctx, tx, carrier)
	if err != nil {
		return c, err
	}
	if _, err := tx.Exec(ctx, `update gateway.command set confirmer = $2, confirm_time = $3, text_id = $4 where uid = $1`,
		uid, confirmer, now, carrier.Key); err != nil {
		return c, err
	}
	return commandWhere(ctx, tx, "c.uid = $1", uid)
}

// Command implements [command.Store].
func (c *Commands) Command(ctx context.Context, uid string) (found command.Command, err error) {
	err = c.in(ctx, "get a command", func(tx pgx.Tx) error {
		found, err = commandWhere(ctx, tx, "c.uid = $1", uid)
		return err
	})
	return found, err
}

// Commands implements [command.Store].
func (c *Commands) Commands(ctx context.Context, device string, before int64, limit int) (all []command.Command, err error) {
	err = c.in(ctx, "list commands", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, selectCommand+`where ($1 = '' or c.device = $1) and ($2 = 0 or c.id < $2) order by c.id desc limit $3`, device, before, limit)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, scanCommand)
		return err
	})
	return all, err
}
