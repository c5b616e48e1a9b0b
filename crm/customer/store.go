package customer

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/crm"
	"waybill/crm/phone"
	"waybill/internal/paging"
)

// Store keeps customers in PostgreSQL.
type Store struct {
	pool   *pgxpool.Pool
	zones  crm.Zones
	region phone.Region
}

// NewStore makes a store. The region is the country whose national phone numbers are
// understood; without one only international numbers are.
func NewStore(pool *pgxpool.Pool, zones crm.Zones, region phone.Region) *Store {
	return &Store{pool: pool, zones: zones, region: region}
}

const customerColumns = "id, display_name, language, phone, email, create_time, update_time"

func customerRow(row pgx.CollectableRow) (Customer, error) {
	var c Customer
	err := row.Scan(&c.ID, &c.DisplayName, &c.Language, &c.Phone, &c.Email, &c.CreateTime, &c.UpdateTime)
	if err != nil {
		return c, fmt.Errorf("read a customer: %w", err)
	}
	c.CreateTime, c.UpdateTime = c.CreateTime.UTC(), c.UpdateTime.UTC()
	return c, nil
}

// Create adds a customer; without an ID it makes one up. A call that repeats a
// request id (unless it is empty) returns the customer of the first.
//
// The error is [crm.ErrInvalid], or [crm.ErrExists] for an id that is taken.
func (s *Store) Create(ctx context.Context, c Customer, requestID string) (Customer, error) {
	var checks crm.Checks
	chosen := c.ID
	c.ID = crm.CheckID(&checks, "customer_id", c.ID)
	person{&c.DisplayName, &c.Language, &c.Phone, &c.Email}.check(&checks, "customer", s.region)
	if err := checks.Err(); err != nil {
		return Customer{}, err
	}
	if c.Language == "" {
		c.Language = DefaultLanguage
	}
	return crm.Once(ctx, requestID,
		func(ctx context.Context) (Customer, error) {
			found, err := crm.One(ctx, s.pool, customerRow, "request", "select "+customerColumns+" from crm.customer where request_id = $1", requestID)
			if err == nil && chosen != "" && chosen != found.ID {
				return found, crm.OtherRequest()
			}
			return found, err
		},
		func(ctx context.Context) (Customer, error) {
			name := crm.CustomerName(c.ID)
			made, err := crm.One(ctx, s.pool, customerRow, name, `
				insert into crm.customer (id, display_name, language, phone, email, request_id)
				values ($1, $2, $3, $4, $5, nullif($6, '')) returning `+customerColumns,
				c.ID, c.DisplayName, c.Language, c.Phone, c.Email, requestID)
			return made, crm.Broken(err, name, "")
		})
}

// Get returns a customer, or [crm.ErrNotFound].
func (s *Store) Get(ctx context.Context, id string) (Customer, error) {
	return crm.One(ctx, s.pool, customerRow, crm.CustomerName(id), "select "+customerColumns+" from crm.customer where id = $1", id)
}

// GetAll returns those of the customers that there are, by id, in one query.
func (s *Store) GetAll(ctx context.Context, ids []string) (map[string]Customer, error) {
	rows, err := s.pool.Query(ctx, "select "+customerColumns+" from crm.customer where id = any($1)", ids)
	if err != nil {
		return nil, fmt.Errorf("read customers: %w", err)
	}
	all, err := pgx.CollectRows(rows, customerRow)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]Customer, len(all))
	for _, c := range all {
		byID[c.ID] = c
	}
	return byID, nil
}

type namePosition struct {
	Name string `json:"n"`
	ID   string `json:"i"`
}

// List returns a page of customers by name, and the token of the next. With an only
// id it lists that one alone.
func (s *Store) List(ctx context.Context, only string, size int, token string) (customers []Customer, next string, err error) {
	var after namePosition
	if err := paging.Decode(token, &after); err != nil {
		return nil, "", err
	}
	rows, err := s.pool.Query(ctx, "select "+customerColumns+` from crm.customer
		where (display_name, id) > ($1, $2) and ($3 = '' or id = $3)
		order by display_name, id limit $4`, after.Name, after.ID, only, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list customers: %w", err)
	}
	customers, err = pgx.CollectRows(rows, customerRow)
	if err != nil {
		return nil, "", err
	}
	return paging.Cut(customers, size, func(c Customer) any { return namePosition{Name: c.DisplayName, ID: c.ID} })
}

// Update changes a customer: change is given it as it is stored, and changes what it
// will. Nobody else changes it in between. The error is [crm.ErrNotFound],
// [crm.ErrInvalid] or what change returns.
func (s *Store) Update(ctx context.Context, id string, change func(*Customer) error) (Customer, error) {
	var c Customer
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select "+customerColumns+" from crm.customer where id = $1 for update", id)
		if err != nil {
			return fmt.Errorf("read customer: %w", err)
		}
		if c, err = pgx.CollectExactlyOneRow(rows, customerRow); errors.Is(err, pgx.ErrNoRows) {
			return crm.NotFound(crm.CustomerName(id))
		} else if err != nil {
			return err
		}
		if err := change(&c); err != nil {
			return err
		}
		var checks crm.Checks
		person{&c.DisplayName, &c.Language, &c.Phone, &c.Email}.check(&checks, "customer", s.region)
		checks.That(c.Language != "", "customer.language", "use a language tag of BCP 47 such as zh or en")
		if err := checks.Err(); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `
			update crm.customer set display_name = $2, language = $3, phone = $4, email = $5, update_time = now()
			where id = $1 returning update_time`, id, c.DisplayName, c.Language, c.Phone, c.Email).Scan(&c.UpdateTime)
	})
	c.UpdateTime = c.UpdateTime.UTC()
	return c, err
}
