package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/gateway"
)

const (
	countTexts = `
insert into gateway.rejected_text as counted (id, seen_time) select id, $2 from unnest($1::bytea[]) as id
on conflict (id) do update set seen_time = greatest(counted.seen_time, excluded.seen_time)
returning id, xmax = 0 as added`

	forgetCounted = `delete from gateway.rejected_text where seen_time < $1`

	// countedFor is how long a text is remembered after it was last seen. One that a SIM does not let go is seen again
	// much sooner.
	countedFor = 7 * 24 * time.Hour
)

// uncounted gives the inputs that are not of a text which was counted before, and notes the others' texts. It is part of
// the transaction that keeps them, so that a text which is read twice counts once.
func uncounted(ctx context.Context, tx pgx.Tx, inputs []gateway.RejectedInput) ([]gateway.RejectedInput, error) {
	var ids []string
	for i := range inputs {
		if id := inputs[i].Message; id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return inputs, nil
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	keys := make([][]byte, len(ids))
	for i, id := range ids {
		keys[i] = []byte(id)
	}
	rows, err := tx.Query(ctx, countTexts, keys, inputs[0].LastTime)
	if err != nil {
		return nil, err
	}
	before := make(map[string]bool)
	var id []byte
	var added bool
	if _, err := pgx.ForEachRow(rows, []any{&id, &added}, func() error {
		before[string(id)] = !added
		return nil
	}); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(inputs), func(in gateway.RejectedInput) bool { return before[in.Message] }), nil
}
