package order

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"waybill/crm"
)

// Mask names fields of an [Order] to change.
type Mask struct{ Reference, Destination, Promised bool }

// Update changes the fields of the order with the ID that the mask names. With
// another destination, what follows from the vehicles' visits is derived anew.
//
// The error is [crm.ErrNotFound] or [crm.ErrInvalid].
func (s *Store) Update(ctx context.Context, o Order, mask Mask) (Order, error) {
	var c crm.Checks
	c.That(!mask.Reference || len(o.Reference) <= maxText, "order.reference", "use at most 500 bytes")
	if mask.Promised {
		checkWindow(&c, o.Promised)
	}
	if err := c.Err(); err != nil {
		return Order{}, err
	}
	err := s.change(ctx, o.ID, "", func(ctx context.Context, tx pgx.Tx, h header) error {
		return s.update(ctx, tx, h, o, mask)
	})
	if err != nil {
		return Order{}, err
	}
	return s.Get(ctx, o.ID)
}

func (s *Store) update(ctx context.Context, tx pgx.Tx, h header, o Order, mask Mask) error {
	if mask.Destination {
		o.Customer = h.customer
		if err := checkParties(ctx, tx, o); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `
		update crm.orders set
			reference = case when $2 then $3 else reference end,
			destination = case when $4 then nullif($5, '') else destination end,
			window_start = case when $6 then $7 else window_start end,
			window_end = case when $6 then $8 else window_end end,
			update_time = now()
		where id = $1`,
		o.ID, mask.Reference, o.Reference, mask.Destination, o.Destination,
		mask.Promised, optional(o.Promised.From), optional(o.Promised.To))
	if err != nil {
		return fmt.Errorf("update order %s: %w", o.ID, err)
	}
	if mask.Destination && o.Destination != h.destination {
		h.destination = o.Destination
		if err := s.deriveAll(ctx, tx, h); err != nil {
			return err
		}
	}
	return settle(ctx, tx, o.ID)
}

func (s *Store) deriveAll(ctx context.Context, tx pgx.Tx, h header) error {
	rows, err := tx.Query(ctx, "select id from crm.shipment where order_id = $1", h.id)
	if err != nil {
		return fmt.Errorf("read shipments: %w", err)
	}
	shipments, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("read shipments: %w", err)
	}
	for _, shipment := range shipments {
		if _, err := s.derive(ctx, tx, h, shipment, ""); err != nil {
			return err
		}
	}
	return nil
}
