package postgres

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"waybill/gateway"
	"waybill/gateway/outbound/command"
)

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
