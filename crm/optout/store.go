package optout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/crm"
	"waybill/crm/phone"
	"waybill/internal/paging"
)

// ByText says that the number itself has set it, by a text.
const ByText = "text"

// Pattern is that of resource names of opt-outs.
const Pattern = "optOuts/*"

// OptOut is what is known of a number's will.
type OptOut struct {
	// Number is in E.164.
	Number string
	// OptedOut is false for a number that wants messages again.
	OptedOut bool
	SetTime  time.Time
	// SetBy is [ByText], or who of the staff.
	SetBy string
}

// Name is the resource name: the digits of the number.
func (o OptOut) Name() string { return "optOuts/" + phone.Digits(o.Number) }

// Set notes the number's will, unless something newer is known: texts may come in
// another order than they were sent in. It says whether that changed anything; who says
// again what is so already only makes it newer.
func Set(ctx context.Context, db crm.Querier, o OptOut) (changed bool, err error) {
	rows, err := db.Query(ctx, `
		with was as (select opted_out from crm.opt_out where number = $1)
		insert into crm.opt_out as o (number, opted_out, set_time, set_by) values ($1, $2, $3, $4)
		on conflict (number) do update
		set opted_out = excluded.opted_out, set_time = excluded.set_time, set_by = excluded.set_by
		where o.set_time <= excluded.set_time
		returning opted_out <> coalesce((select opted_out from was), false)`,
		o.Number, o.OptedOut, o.SetTime, o.SetBy)
	if err == nil {
		changed, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("set the opt-out of a number: %w", err)
	}
	return changed, nil
}

// Refuses says whether the number wants no messages.
func Refuses(ctx context.Context, db crm.Querier, number string) (bool, error) {
	rows, err := db.Query(ctx, `select exists (select from crm.opt_out where number = $1 and opted_out)`, number)
	if err != nil {
		return false, fmt.Errorf("look for an opt-out: %w", err)
	}
	refuses, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	if err != nil {
		return false, fmt.Errorf("look for an opt-out: %w", err)
	}
	return refuses, nil
}

// Store keeps the list in PostgreSQL.
type Store struct {
	pool   *pgxpool.Pool
	region phone.Region
}

// NewStore makes a store; the region is the country whose national numbers are
// understood.
func NewStore(pool *pgxpool.Pool, region phone.Region) *Store {
	return &Store{pool: pool, region: region}
}

const columns = "number, opted_out, set_time, set_by"

func row(row pgx.CollectableRow) (OptOut, error) {
	var o OptOut
	if err := row.Scan(&o.Number, &o.OptedOut, &o.SetTime, &o.SetBy); err != nil {
		return o, fmt.Errorf("read an opt-out: %w", err)
	}
	o.SetTime = o.SetTime.UTC()
	return o, nil
}

// Number is the number in the resource name of an opt-out, in E.164. The error is
// [crm.ErrInvalid].
func (s *Store) Number(name string) (string, error) {
	const help = "give it as optOuts/{number}: digits with the country's code, as in optOuts/8613800138000"
	ids, ok := crm.ParseName(Pattern, name)
	if !ok || phone.Digits(ids[0]) != ids[0] {
		return "", crm.Invalid("name", help)
	}
	number, err := s.region.Normalize("+" + ids[0])
	if err != nil || number == "" {
		return "", crm.Invalid("name", help)
	}
	return number, nil
}

// Put notes the number's will as of now, and returns what is known then.
func (s *Store) Put(ctx context.Context, number string, optedOut bool, by string, now time.Time) (OptOut, error) {
	if _, err := Set(ctx, s.pool, OptOut{Number: number, OptedOut: optedOut, SetTime: now, SetBy: by}); err != nil {
		return OptOut{}, err
	}
	return s.Get(ctx, number)
}

// Get returns what is known of the number's will, or [crm.ErrNotFound] where nobody
// ever said.
func (s *Store) Get(ctx context.Context, number string) (OptOut, error) {
	return crm.One(ctx, s.pool, row, OptOut{Number: number}.Name(), "select "+columns+" from crm.opt_out where number = $1", number)
}

// List returns a page of the numbers that want no messages, in their order, and the
// token of the next.
func (s *Store) List(ctx context.Context, size int, token string) (list []OptOut, next string, err error) {
	after := ""
	if err := paging.Decode(token, &after); err != nil {
		return nil, "", err
	}
	rows, err := s.pool.Query(ctx, "select "+columns+` from crm.opt_out
		where opted_out and number > $1 order by number limit $2`, after, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list opt-outs: %w", err)
	}
	if list, err = pgx.CollectRows(rows, row); err != nil {
		return nil, "", err
	}
	return paging.Cut(list, size, func(o OptOut) any { return o.Number })
}
