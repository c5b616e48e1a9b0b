// Package search finds orders and customers by what people have at hand: an order
// number, a customer's reference, a name, a phone number or the end of one.
package search

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/crm"
	"waybill/crm/customer"
	"waybill/crm/order"
	"waybill/crm/phone"
	"waybill/internal/paging"
)

const (
	minQuery = 2
	maxQuery = 100
	// minSuffix is how many digits at the end of a phone number say whose it may be.
	minSuffix = 4
	// candidates bounds what one way of matching contributes.
	candidates = 1000
)

// Result is one thing found: an order or a customer.
type Result struct {
	Order    *order.Order
	Customer *customer.Customer
}

// Orders reads orders; [order.Store] is it.
type Orders interface {
	GetAll(ctx context.Context, ids []string) (map[string]order.Order, error)
}

// Customers reads customers; [customer.Store] is it.
type Customers interface {
	GetAll(ctx context.Context, ids []string) (map[string]customer.Customer, error)
}

// Searcher finds things.
type Searcher struct {
	pool      *pgxpool.Pool
	orders    Orders
	customers Customers
	region    phone.Region
}

// New makes a searcher. The region is the country whose national phone numbers are
// understood.
func New(pool *pgxpool.Pool, orders Orders, customers Customers, region phone.Region) *Searcher {
	return &Searcher{pool: pool, orders: orders, customers: customers, region: region}
}

// position is a hit, and where a page ends: the better score first, then by kind and
// id.
type position struct {
	Score int    `json:"s"`
	Kind  string `json:"k"`
	ID    string `json:"i"`
}

// Search returns a page of what the text finds, the closest first, and the token of
// the next. With the id of a customer it finds only what is that customer's. The
// error is [crm.ErrInvalid] for a text that is too short or too long.
func (s *Searcher) Search(ctx context.Context, text, only string, size int, token string) (results []Result, next string, err error) {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n < minQuery || n > maxQuery || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return nil, "", crm.Invalid("query", fmt.Sprintf("give %d to %d characters", minQuery, maxQuery))
	}
	after := position{Score: best + 1}
	if err := paging.Decode(token, &after); err != nil {
		return nil, "", err
	}
	if after.Score < 0 || after.Score > best+1 {
		return nil, "", paging.ErrToken
	}
	rows, err := s.pool.Query(ctx, query,
		literal(text), literal(text)+"%", "%"+literal(text)+"%", text, s.number(text), suffix(text), only, candidates,
		after.Score, after.Kind, after.ID, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("search: %w", err)
	}
	hits, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (position, error) {
		var p position
		return p, row.Scan(&p.Score, &p.Kind, &p.ID)
	})
	if err != nil {
		return nil, "", fmt.Errorf("search: %w", err)
	}
	page, next, err := paging.Cut(hits, size, func(p position) any { return p })
	if err != nil {
		return nil, "", err
	}
	results, err = s.fill(ctx, page)
	return results, next, err
}

// fill reads what was found, in one query a kind.
func (s *Searcher) fill(ctx context.Context, hits []position) ([]Result, error) {
	ids := make(map[string][]string)
	for _, hit := range hits {
		ids[hit.Kind] = append(ids[hit.Kind], hit.ID)
	}
	orders, err := s.orders.GetAll(ctx, ids["order"])
	if err != nil {
		return nil, err
	}
	customers, err := s.customers.GetAll(ctx, ids["customer"])
	if err != nil {
		return nil, err
	}
	results := make([]Result, 0, len(hits))
	for _, hit := range hits {
		if o, ok := orders[hit.ID]; ok && hit.Kind == "order" {
			results = append(results, Result{Order: &o})
		}
		if c, ok := customers[hit.ID]; ok && hit.Kind == "customer" {
			results = append(results, Result{Customer: &c})
		}
	}
	return results, nil
}

// number is the text as a whole phone number in E.164, or empty.
func (s *Searcher) number(text string) string {
	if phone.Digits(text) == "" {
		return ""
	}
	number, err := s.region.Normalize(text)
	if err != nil {
		return ""
	}
	return number
}

// suffix is a pattern for phone numbers that end in the text's digits, stored
// backwards, or empty.
func suffix(text string) string {
	digits := phone.Digits(text)
	// The trunk prefix is no part of the number in E.164.
	digits = strings.TrimLeft(digits, "0")
	if len(digits) < minSuffix {
		return ""
	}
	var pattern strings.Builder
	for i := len(digits) - 1; i >= 0; i-- {
		pattern.WriteByte(digits[i])
	}
	return pattern.String() + "%"
}

// literal is the text with the signs of LIKE taken literally.
func literal(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}
