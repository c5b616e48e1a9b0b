package order

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/crm"
)

// Created is an order with its shipments.
type Created struct {
	Order     Order
	Shipments []Shipment
}

// Create takes an order; with no shipments given, one carries all of it. A call that
// repeats a request id (unless it is empty) returns the order of the first.
//
// The error is [crm.ErrInvalid], or [crm.ErrExists] for a number that is taken.
func (s *Store) Create(ctx context.Context, o Order, shipments []Shipment, requestID string) (Created, error) {
	o, shipments, err := check(o, shipments)
	if err != nil {
		return Created{}, err
	}
	id, err := crm.Once(ctx, requestID,
		func(ctx context.Context) (string, error) { return s.createdBy(ctx, o, requestID) },
		func(ctx context.Context) (string, error) {
			id := ""
			err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
				var err error
				id, err = create(ctx, tx, o, shipments, requestID)
				return err
			})
			return id, err
		})
	if err != nil {
		return Created{}, err
	}
	made, err := s.Get(ctx, id)
	if err != nil {
		return Created{}, err
	}
	all, _, err := s.Shipments(ctx, id, maxShipments, "")
	return Created{Order: made, Shipments: all}, err
}

func (s *Store) createdBy(ctx context.Context, o Order, requestID string) (string, error) {
	var id, customer string
	err := s.pool.QueryRow(ctx, "select id, customer from crm.orders where request_id = $1", requestID).Scan(&id, &customer)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return "", crm.NotFound("request " + requestID)
	case err != nil:
		return "", fmt.Errorf("look for request: %w", err)
	case customer != o.Customer || o.ID != "" && o.ID != id:
		return "", crm.OtherRequest()
	}
	return id, nil
}

func create(ctx context.Context, tx pgx.Tx, o Order, shipments []Shipment, requestID string) (string, error) {
	if err := checkParties(ctx, tx, o); err != nil {
		return "", err
	}
	if o.ID == "" {
		var err error
		if o.ID, err = nextNumber(ctx, tx); err != nil {
			return "", err
		}
	}
	_, err := tx.Exec(ctx, `
		insert into crm.orders (id, customer, reference, destination, window_start, window_end, request_id)
		values ($1, $2, $3, nullif($4, ''), $5, $6, nullif($7, ''))`,
		o.ID, o.Customer, o.Reference, o.Destination, optional(o.Promised.From), optional(o.Promised.To), requestID)
	if err != nil {
		return "", fmt.Errorf("store order: %w", crm.Broken(err, crm.OrderName(o.ID), crm.CustomerName(o.Customer)))
	}
	batch := &pgx.Batch{}
	for _, l := range o.Lines {
		batch.Queue(`insert into crm.order_line (order_id, number, sku, description, quantity, unit) values ($1, $2, $3, $4, $5, $6)`,
			o.ID, l.Number, l.SKU, l.Description, l.Quantity, l.Unit)
	}
	for _, s := range shipments {
		s.Order = o.ID
		queueShipment(batch, s, "")
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return "", fmt.Errorf("store order %s: %w", o.ID, err)
	}
	return o.ID, nil
}

// checkParties says which of customer and destination there is not.
func checkParties(ctx context.Context, tx pgx.Tx, o Order) error {
	var customer, site bool
	err := tx.QueryRow(ctx, `
		select exists (select from crm.customer where id = $1),
		       $2 = '' or exists (select from crm.site where customer = $1 and id = $2)`, o.Customer, o.Destination).
		Scan(&customer, &site)
	if err != nil {
		return fmt.Errorf("look for the customer: %w", err)
	}
	var c crm.Checks
	c.That(customer, "order.customer", "there is no "+crm.CustomerName(o.Customer)+"; create it first, or correct the name")
	c.That(site, "order.destination", "there is no such site of the customer; create it first, or correct the name")
	return c.Err()
}

func nextNumber(ctx context.Context, tx pgx.Tx) (string, error) {
	for {
		var id string
		var taken bool
		err := tx.QueryRow(ctx, `
			select n.id, exists (select from crm.orders o where o.id = n.id)
			from (select 'SO-' || nextval('crm.order_number') as id offset 0) n`).Scan(&id, &taken)
		if err != nil {
			return "", fmt.Errorf("make up an order number: %w", err)
		}
		if !taken {
			return id, nil
		}
	}
}

func queueShipment(batch *pgx.Batch, s Shipment, requestID string) {
	batch.Queue(`insert into crm.shipment (order_id, id, request_id) values ($1, $2, nullif($3, ''))`, s.Order, s.ID, requestID)
	for _, l := range s.Lines {
		batch.Queue(`insert into crm.shipment_line (order_id, shipment, line_number, quantity) values ($1, $2, $3, $4)`,
			s.Order, s.ID, l.Number, l.Quantity)
	}
}

// optional is NULL for the zero time.
func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
