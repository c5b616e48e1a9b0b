package order

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/crm"
	"waybill/internal/paging"
)

const orderColumns = `o.id, o.customer, o.reference, coalesce(o.destination, ''), o.window_start, o.window_end, o.status,
	o.create_time, o.update_time,
	coalesce((select json_agg(json_build_object('Number', l.number, 'SKU', l.sku, 'Description', l.description,
		'Quantity', l.quantity, 'Unit', l.unit) order by l.number) from crm.order_line l where l.order_id = o.id), '[]')`

func orderRow(row pgx.CollectableRow) (Order, error) {
	var o Order
	var from, to *time.Time
	err := row.Scan(&o.ID, &o.Customer, &o.Reference, &o.Destination, &from, &to, &o.Status, &o.CreateTime, &o.UpdateTime, &o.Lines)
	if err != nil {
		return o, fmt.Errorf("read an order: %w", err)
	}
	if from != nil && to != nil {
		o.Promised = Window{From: from.UTC(), To: to.UTC()}
	}
	o.CreateTime, o.UpdateTime = o.CreateTime.UTC(), o.UpdateTime.UTC()
	return o, nil
}

// Get returns an order, or [crm.ErrNotFound].
func (s *Store) Get(ctx context.Context, id string) (Order, error) {
	rows, err := s.pool.Query(ctx, "select "+orderColumns+" from crm.orders o where id = $1", id)
	if err != nil {
		return Order{}, fmt.Errorf("read order %s: %w", id, err)
	}
	o, err := pgx.CollectExactlyOneRow(rows, orderRow)
	if errors.Is(err, pgx.ErrNoRows) {
		return o, crm.NotFound(crm.OrderName(id))
	}
	return o, err
}

// GetAll returns those of the orders that there are, by id, in one query.
func (s *Store) GetAll(ctx context.Context, ids []string) (map[string]Order, error) {
	rows, err := s.pool.Query(ctx, "select "+orderColumns+" from crm.orders o where id = any($1)", ids)
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	all, err := pgx.CollectRows(rows, orderRow)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]Order, len(all))
	for _, o := range all {
		byID[o.ID] = o
	}
	return byID, nil
}

// Filter says which orders to list; the zero value is all.
type Filter struct {
	// Customer is an id.
	Customer string
	Statuses []Status
}

type orderPosition struct {
	Time time.Time `json:"t"`
	ID   string    `json:"i"`
}

// List returns a page of orders, the newest first, and the token of the next. The
// error is [paging.ErrToken] for a token of another kind.
func (s *Store) List(ctx context.Context, f Filter, size int, token string) (orders []Order, next string, err error) {
	after := orderPosition{Time: time.Now().AddDate(1000, 0, 0)}
	if err := paging.Decode(token, &after); err != nil {
		return nil, "", err
	}
	rows, err := s.pool.Query(ctx, "select "+orderColumns+` from crm.orders o
		where (create_time, id) < ($1, $2)
		  and ($3 = '' or customer = $3)
		  and (cardinality($4::text[]) = 0 or status = any($4))
		order by create_time desc, id desc limit $5`,
		after.Time, after.ID, f.Customer, words(f.Statuses), size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list orders: %w", err)
	}
	orders, err = pgx.CollectRows(rows, orderRow)
	if err != nil {
		return nil, "", err
	}
	return paging.Cut(orders, size, func(o Order) any { return orderPosition{Time: o.CreateTime, ID: o.ID} })
}

func words[S ~string](all []S) []string {
	list := make([]string, 0, len(all))
	for _, s := range all {
		list = append(list, string(s))
	}
	return list
}
