package order

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/crm"
)

// Span is a time, both ends inclusive.
type Span struct {
	From, To time.Time
}

// Follow derives anew the automatic events of all shipments that the vehicle had at
// some time in the span, after its visits have changed there, in a transaction that
// holds the vehicle's lock ([LockVehicle]) and was begun after [Store.Reserve]. It
// returns the ids of the orders that changed.
//
// It asks for the visits as they are now, so it may be called again and in any
// order.
func (s *Store) Follow(ctx context.Context, tx pgx.Tx, vehicle string, span Span) ([]string, error) {
	concerned, err := onBoard(ctx, tx, vehicle, span)
	if err != nil || len(concerned) == 0 {
		return nil, err
	}
	headers, err := lockOrders(ctx, tx, concerned)
	if err != nil {
		return nil, err
	}
	var changed []string
	for _, c := range concerned {
		moved, err := s.derive(ctx, tx, headers[c.order], c.shipment, vehicle)
		if err != nil {
			return nil, err
		}
		if moved && !slices.Contains(changed, c.order) {
			changed = append(changed, c.order)
		}
	}
	for _, id := range changed {
		if err := settle(ctx, tx, id); err != nil {
			return nil, err
		}
	}
	return changed, nil
}

type load struct {
	order, shipment string
}

// onBoard finds the shipments that the vehicle had in the span, by order.
func onBoard(ctx context.Context, tx pgx.Tx, vehicle string, span Span) ([]load, error) {
	rows, err := tx.Query(ctx, `
		select distinct order_id, shipment from crm.custody
		where holder = $1 and to_time >= $2 and from_time <= $3
		order by order_id, shipment`, crm.VehicleName(vehicle), span.From, span.To)
	if err != nil {
		return nil, fmt.Errorf("find what vehicle %s carries: %w", vehicle, err)
	}
	loads, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (load, error) {
		var l load
		return l, row.Scan(&l.order, &l.shipment)
	})
	if err != nil {
		return nil, fmt.Errorf("find what vehicle %s carries: %w", vehicle, err)
	}
	return loads, nil
}

func lockOrders(ctx context.Context, tx pgx.Tx, loads []load) (map[string]header, error) {
	ids := make([]string, 0, len(loads))
	for _, l := range loads {
		ids = append(ids, l.order)
	}
	rows, err := tx.Query(ctx, `
		select id, customer, coalesce(destination, '') from crm.orders where id = any($1) order by id for update`, ids)
	if err != nil {
		return nil, fmt.Errorf("lock orders: %w", err)
	}
	headers := make(map[string]header, len(ids))
	var h header
	_, err = pgx.ForEachRow(rows, []any{&h.id, &h.customer, &h.destination}, func() error {
		headers[h.id] = h
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("lock orders: %w", err)
	}
	return headers, nil
}
