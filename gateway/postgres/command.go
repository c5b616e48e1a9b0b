package postgres

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/gateway"
	"waybill/gateway/outbound"
	"waybill/gateway/outbound/command"
	"waybill/tracking"
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

// A text that the centre had some time before the command was given is no answer, however late it is read. Of a command
// whose text is unknown the answer is kept too: it shows that the unit has it.
const awaiting = `c.device = $1 and c.answer_time is null and c.answer_within > interval '0'
    and ($3::timestamptz is null or $3 > c.create_time - interval '10 minutes')
    and (t.state in ('sending', 'sent') or t.state = 'delivered' and t.end_time is null or t.state = 'unknown' and t.end_time + c.answer_within > $2)
    and (t.sent_time is null or t.sent_time + c.answer_within > $2)
order by c.id`

// Answered implements [command.Store].
func (c *Commands) Answered(ctx context.Context, a gateway.Answer, fits func(*command.Command) bool) (answers bool, err error) {
	err = c.in(ctx, "note an answer", func(tx pgx.Tx) error {
		answers, err = answered(ctx, tx, a, fits)
		return err
	})
	return answers && err == nil, err
}

func answered(ctx context.Context, tx pgx.Tx, a gateway.Answer, fits func(*command.Command) bool) (bool, error) {
	var before bool
	if err := tx.QueryRow(ctx, `select exists (select from gateway.command where answer_id = $1)`, a.ID).Scan(&before); err != nil || before {
		return before, err
	}
	rows, err := tx.Query(ctx, selectCommand+"where "+awaiting, a.Device, a.Received, orNull(a.Time))
	if err != nil {
		return false, err
	}
	open, err := pgx.CollectRows(rows, scanCommand)
	if err != nil {
		return false, err
	}
	for i := range open {
		if !fits(&open[i]) {
			continue
		}
		tag, err := tx.Exec(ctx, `update gateway.command set answer = $2, answer_id = nullif($3, ''), answer_time = $4 where id = $1 and answer_time is null`,
			open[i].Key, storable(a.Body), a.ID, a.Received)
		if err != nil {
			return false, err
		}
		if tag.RowsAffected() == 1 {
			return true, conclude(ctx, tx, open[i].Text.Key, a.Received)
		}
	}
	return false, nil
}

// storable makes text of what came from outside: PostgreSQL refuses bad UTF-8 and NUL.
func storable(s string) string {
	const longest = 8 << 10
	return strings.ReplaceAll(strings.ToValidUTF8(s[:min(len(s), longest)], "\uFFFD"), "\x00", "\uFFFD")
}

// Templates implements [command.Store].
func (c *Commands) Templates(ctx context.Context) (all []command.Template, err error) {
	err = c.in(ctx, "list templates", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select model, kind, display_name, body, answer_pattern, answer_fix, answer_within, confirm, false
			from gateway.command_template order by model, kind`)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[command.Template])
		return err
	})
	return all, err
}

// PutTemplate implements [command.Store].
func (c *Commands) PutTemplate(ctx context.Context, t command.Template) error {
	_, err := c.pool.Exec(ctx, `
insert into gateway.command_template (model, kind, display_name, body, answer_pattern, answer_fix, answer_within, confirm)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (model, kind) do update set display_name = excluded.display_name, body = excluded.body, answer_pattern = excluded.answer_pattern,
    answer_fix = excluded.answer_fix, answer_within = excluded.answer_within, confirm = excluded.confirm, update_time = now()`,
		t.Model, t.Kind, t.DisplayName, t.Body, t.AnswerPattern, t.AnswerPosition, t.AnswerWithin, t.Confirm)
	return sent("put a template", err)
}

// DeleteTemplate implements [command.Store].
func (c *Commands) DeleteTemplate(ctx context.Context, model, kind string) error {
	tag, err := c.pool.Exec(ctx, `delete from gateway.command_template where model = $1 and kind = $2`, model, kind)
	if err == nil && tag.RowsAffected() == 0 {
		return tracking.ErrNotFound
	}
	return sent("delete a template", err)
}
