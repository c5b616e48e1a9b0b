package text

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/crm"
	"waybill/crm/interaction"
)

// Limits bound how much is answered.
type Limits struct {
	// Each is how many texts of one number are answered in the window. The next one is
	// told that they are too many, and those behind it nothing.
	Each int
	// All is how many are answered in the window in all; beyond it nothing is said to
	// anybody.
	All    int
	Window time.Duration
}

// DefaultLimits are those that nobody set: a person asks less often, and one modem
// sends some 400 texts an hour, which must leave room for others.
func DefaultLimits() Limits { return Limits{Each: 10, All: 200, Window: time.Hour} }

// judge says what a text of the number gets that asks for something: answered, too
// many, or silent.
func (l Limits) judge(ctx context.Context, db crm.Querier, number string) (interaction.Outcome, error) {
	rows, err := db.Query(ctx, `
		select count(*), count(*) filter (where number = $1), count(*) filter (where number = $1 and outcome = 'too_many')
		from crm.interaction
		where direction = 'in' and outcome in ('answered', 'too_many') and record_time > now() - make_interval(secs => $2)`,
		number, l.Window.Seconds())
	if err != nil {
		return "", fmt.Errorf("count what was answered: %w", err)
	}
	var all, each, told int
	if _, err := pgx.ForEachRow(rows, []any{&all, &each, &told}, func() error { return nil }); err != nil {
		return "", fmt.Errorf("count what was answered: %w", err)
	}
	switch {
	case all >= l.All:
		return interaction.Silent, nil
	case each-told < l.Each:
		return interaction.Answered, nil
	case told == 0:
		return interaction.TooMany, nil
	default:
		return interaction.Silent, nil
	}
}
