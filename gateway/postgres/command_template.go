package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"waybill/gateway/outbound/command"
	"waybill/tracking"
)

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
