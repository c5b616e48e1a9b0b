package customer

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"waybill/crm"
	"waybill/internal/paging"
)

const contactColumns = "customer, id, display_name, phone, email, language"

func contactRow(row pgx.CollectableRow) (Contact, error) {
	var c Contact
	if err := row.Scan(&c.Customer, &c.ID, &c.DisplayName, &c.Phone, &c.Email, &c.Language); err != nil {
		return c, fmt.Errorf("read a contact: %w", err)
	}
	return c, nil
}

// CreateContact adds a person to a customer, as [Store.Create] adds customers; an
// unknown customer is [crm.ErrNotFound].
func (s *Store) CreateContact(ctx context.Context, c Contact, requestID string) (Contact, error) {
	var checks crm.Checks
	c.ID = crm.CheckID(&checks, "contact_id", c.ID)
	person{&c.DisplayName, &c.Language, &c.Phone, &c.Email}.check(&checks, "contact", s.region)
	if err := checks.Err(); err != nil {
		return Contact{}, err
	}
	return crm.Once(ctx, requestID,
		func(ctx context.Context) (Contact, error) {
			found, err := crm.One(ctx, s.pool, contactRow, "request", "select "+contactColumns+" from crm.contact where request_id = $1", requestID)
			if err == nil && found.Customer != c.Customer {
				return found, crm.OtherRequest()
			}
			return found, err
		},
		func(ctx context.Context) (Contact, error) {
			name := crm.ContactName(c.Customer, c.ID)
			made, err := crm.One(ctx, s.pool, contactRow, name, `
				insert into crm.contact (customer, id, display_name, phone, email, language, request_id)
				values ($1, $2, $3, $4, $5, $6, nullif($7, '')) returning `+contactColumns,
				c.Customer, c.ID, c.DisplayName, c.Phone, c.Email, c.Language, requestID)
			return made, crm.Broken(err, name, crm.CustomerName(c.Customer))
		})
}

// Contacts returns a page of a customer's people by id, and the token of the next.
func (s *Store) Contacts(ctx context.Context, customer string, size int, token string) (contacts []Contact, next string, err error) {
	after := ""
	if err := paging.Decode(token, &after); err != nil {
		return nil, "", err
	}
	rows, err := s.pool.Query(ctx, "select "+contactColumns+` from crm.contact
		where customer = $1 and id > $2 order by id limit $3`, customer, after, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list contacts: %w", err)
	}
	contacts, err = pgx.CollectRows(rows, contactRow)
	if err != nil {
		return nil, "", err
	}
	return paging.Cut(contacts, size, func(c Contact) any { return c.ID })
}

// UpdateContact changes a person, as [Store.Update] changes customers.
func (s *Store) UpdateContact(ctx context.Context, customer, id string, change func(*Contact) error) (Contact, error) {
	var c Contact
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select "+contactColumns+" from crm.contact where customer = $1 and id = $2 for update", customer, id)
		if err != nil {
			return fmt.Errorf("read contact: %w", err)
		}
		if c, err = pgx.CollectExactlyOneRow(rows, contactRow); errors.Is(err, pgx.ErrNoRows) {
			return crm.NotFound(crm.ContactName(customer, id))
		} else if err != nil {
			return err
		}
		if err := change(&c); err != nil {
			return err
		}
		var checks crm.Checks
		person{&c.DisplayName, &c.Language, &c.Phone, &c.Email}.check(&checks, "contact", s.region)
		if err := checks.Err(); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			update crm.contact set display_name = $3, phone = $4, email = $5, language = $6
			where customer = $1 and id = $2`, customer, id, c.DisplayName, c.Phone, c.Email, c.Language)
		return err
	})
	return c, err
}

// DeleteContact removes a person, or fails with [crm.ErrNotFound].
func (s *Store) DeleteContact(ctx context.Context, customer, id string) error {
	tag, err := s.pool.Exec(ctx, "delete from crm.contact where customer = $1 and id = $2", customer, id)
	if err != nil {
		return fmt.Errorf("delete contact: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return crm.NotFound(crm.ContactName(customer, id))
	}
	return nil
}
