package interaction

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/crm"
	"waybill/internal/paging"
)

// Insert notes an interaction in the transaction and returns its id. It is zero when
// one with the same text or request id is noted already.
func Insert(ctx context.Context, tx pgx.Tx, i Interaction) (int64, error) {
	var id int64
	err := tx.QueryRow(ctx, `
		insert into crm.interaction (channel, direction, interaction_time, number, customer, contact, body,
			topic, outcome, text_id, request_id, reply_to, author)
		values ($1, $2, $3, $4, nullif($5, ''), $6, $7, $8, $9, nullif($10, ''), nullif($11, ''), nullif($12, 0), $13)
		on conflict do nothing returning id`,
		i.Channel, i.Direction, i.Time, i.Number, i.Customer, i.Contact, i.Body,
		i.Topic, i.Outcome, i.TextID, i.RequestID, i.ReplyTo, i.Author).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("note an interaction: %w", err)
	}
	return id, nil
}

// MaxStrange is how many interactions are kept of a number that is nobody's.
const MaxStrange = 200

// Trim drops the oldest interactions of a number that belongs to no customer, beyond
// [MaxStrange].
func Trim(ctx context.Context, tx pgx.Tx, number string) error {
	_, err := tx.Exec(ctx, `
		delete from crm.interaction where id in (
			select id from crm.interaction where number = $1 and customer is null
			order by interaction_time desc, id desc offset $2)`, number, MaxStrange)
	if err != nil {
		return fmt.Errorf("drop old interactions: %w", err)
	}
	return nil
}

// Store reads interactions from PostgreSQL.
type Store struct {
	pool *pgxpool.Pool
}

// NewStore makes a store.
func NewStore(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

const columns = `i.id, i.channel, i.direction, i.interaction_time, i.number, coalesce(i.customer, ''), i.contact, i.body,
	i.topic, i.outcome, coalesce(i.text_id, ''), coalesce(i.request_id, ''), i.text_name, coalesce(i.reply_to, 0), i.author`

func row(row pgx.CollectableRow) (Interaction, error) {
	var i Interaction
	err := row.Scan(&i.ID, &i.Channel, &i.Direction, &i.Time, &i.Number, &i.Customer, &i.Contact, &i.Body,
		&i.Topic, &i.Outcome, &i.TextID, &i.RequestID, &i.TextName, &i.ReplyTo, &i.Author)
	if err != nil {
		return i, fmt.Errorf("read an interaction: %w", err)
	}
	i.Time = i.Time.UTC()
	return i, nil
}

// ByRequest returns the interaction that went out by the request id, or
// [crm.ErrNotFound].
func (s *Store) ByRequest(ctx context.Context, requestID string) (Interaction, error) {
	return crm.One(ctx, s.pool, row, "request", "select "+columns+" from crm.interaction i where i.request_id = $1", requestID)
}

type position struct {
	Time time.Time `json:"t"`
	ID   int64     `json:"i"`
}

// newest is the place before the first page, newest first.
func newest() position { return position{Time: time.Now().AddDate(1000, 0, 0)} }

// Of returns a page of a customer's interactions, the newest first, and the token of
// the next: those that were with the customer, and those of numbers that are the
// customer's now and were nobody's alone then. The error is [crm.ErrNotFound] for an
// unknown customer.
func (s *Store) Of(ctx context.Context, customer string, size int, token string) (page []Interaction, next string, err error) {
	after := newest()
	if err := paging.Decode(token, &after); err != nil {
		return nil, "", err
	}
	var known bool
	if err := s.pool.QueryRow(ctx, `select exists (select from crm.customer where id = $1)`, customer).Scan(&known); err != nil {
		return nil, "", fmt.Errorf("look for a customer: %w", err)
	}
	if !known {
		return nil, "", crm.NotFound(crm.CustomerName(customer))
	}
	return s.page(ctx, size, `
		(
			(select i.* from crm.interaction i
				where i.customer = $1 and (i.interaction_time, i.id) < ($2, $3)
				order by i.interaction_time desc, i.id desc limit $4)
			union all
			(select i.* from (
					select phone from crm.customer where id = $1 and phone <> ''
					union select phone from crm.contact where customer = $1 and phone <> ''
				) mine cross join lateral (
					select * from crm.interaction
					where number = mine.phone and customer is null and (interaction_time, id) < ($2, $3)
					order by interaction_time desc, id desc limit $4
				) i)
		) i`, customer, after.Time, after.ID, size+1)
}

// All returns a page of everybody's interactions, or of one number's alone (E.164; all
// when empty), strangers' among them, the newest first, and the token of the next.
func (s *Store) All(ctx context.Context, number string, size int, token string) (page []Interaction, next string, err error) {
	after := newest()
	if err := paging.Decode(token, &after); err != nil {
		return nil, "", err
	}
	if number != "" {
		return s.page(ctx, size, `crm.interaction i where i.number = $1 and (i.interaction_time, i.id) < ($2, $3)`,
			number, after.Time, after.ID, size+1)
	}
	return s.page(ctx, size, `crm.interaction i where $1 = '' and (i.interaction_time, i.id) < ($2, $3)`,
		"", after.Time, after.ID, size+1)
}

// page reads the page that is from the source; the last argument is its limit.
func (s *Store) page(ctx context.Context, size int, from string, args ...any) ([]Interaction, string, error) {
	rows, err := s.pool.Query(ctx, "select "+columns+" from "+from+" order by i.interaction_time desc, i.id desc limit $4", args...)
	if err != nil {
		return nil, "", fmt.Errorf("list interactions: %w", err)
	}
	list, err := pgx.CollectRows(rows, row)
	if err != nil {
		return nil, "", err
	}
	return paging.Cut(list, size, func(i Interaction) any { return position{Time: i.Time, ID: i.ID} })
}
