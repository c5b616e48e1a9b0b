package order

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"waybill/crm"
	"waybill/internal/paging"
)

const shipmentColumns = `s.order_id, s.id, s.stage, s.status, s.disposition, s.create_time,
	coalesce((select json_agg(json_build_object('Number', l.line_number, 'Quantity', l.quantity) order by l.line_number)
		from crm.shipment_line l where l.order_id = s.order_id and l.shipment = s.id), '[]')`

func shipmentRow(row pgx.CollectableRow) (Shipment, error) {
	var s Shipment
	err := row.Scan(&s.Order, &s.ID, &s.Stage, &s.Status, &s.Disposition, &s.CreateTime, &s.Lines)
	if err != nil {
		return s, fmt.Errorf("read a shipment: %w", err)
	}
	s.CreateTime = s.CreateTime.UTC()
	return s, nil
}

// Shipments returns a page of an order's shipments by id, and the token of the next.
func (s *Store) Shipments(ctx context.Context, order string, size int, token string) (shipments []Shipment, next string, err error) {
	after := ""
	if err := paging.Decode(token, &after); err != nil {
		return nil, "", err
	}
	rows, err := s.pool.Query(ctx, "select "+shipmentColumns+` from crm.shipment s
		where order_id = $1 and id > $2 order by id limit $3`, order, after, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list shipments: %w", err)
	}
	shipments, err = pgx.CollectRows(rows, shipmentRow)
	if err != nil {
		return nil, "", err
	}
	return paging.Cut(shipments, size, func(s Shipment) any { return s.ID })
}

// AddShipment adds a shipment that carries part of an order; without an id it gets
// the next number. A call that repeats a request id (unless it is empty) returns the
// shipment of the first.
//
// The error is [crm.ErrNotFound] for an unknown order, [crm.ErrInvalid], or
// [crm.ErrExists] for an id that is taken.
func (s *Store) AddShipment(ctx context.Context, sh Shipment, requestID string) (Shipment, error) {
	return crm.Once(ctx, requestID,
		func(ctx context.Context) (Shipment, error) { return s.added(ctx, sh, requestID) },
		func(ctx context.Context) (Shipment, error) {
			var added Shipment
			err := s.change(ctx, sh.Order, "", func(ctx context.Context, tx pgx.Tx, _ header) error {
				var err error
				added, err = addShipment(ctx, tx, sh, requestID)
				return err
			})
			return added, err
		})
}

func (s *Store) added(ctx context.Context, sh Shipment, requestID string) (Shipment, error) {
	rows, err := s.pool.Query(ctx, "select "+shipmentColumns+" from crm.shipment s where request_id = $1", requestID)
	if err != nil {
		return Shipment{}, fmt.Errorf("look for request: %w", err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, shipmentRow)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Shipment{}, crm.NotFound("request " + requestID)
	case err != nil:
		return Shipment{}, err
	case found.Order != sh.Order || sh.ID != "" && sh.ID != found.ID:
		return Shipment{}, crm.OtherRequest()
	}
	return found, nil
}

func addShipment(ctx context.Context, tx pgx.Tx, sh Shipment, requestID string) (Shipment, error) {
	lines, carried, err := carriedSoFar(ctx, tx, sh.Order)
	if err != nil {
		return Shipment{}, err
	}
	if sh.ID == "" {
		err := tx.QueryRow(ctx, `
			select coalesce(max(id::bigint), 0) + 1 from crm.shipment where order_id = $1 and id ~ '^[0-9]{1,9}$'`, sh.Order).Scan(&sh.ID)
		if err != nil {
			return Shipment{}, fmt.Errorf("number the shipment: %w", err)
		}
	}
	var c crm.Checks
	c.That(crm.ValidID(sh.ID), "shipment_id", crm.IDHelp)
	checkCarried(&c, "shipment", lines, sh.Lines, carried)
	if err := c.Err(); err != nil {
		return Shipment{}, err
	}
	batch := &pgx.Batch{}
	queueShipment(batch, sh, requestID)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return Shipment{}, fmt.Errorf("store shipment: %w", crm.Broken(err, crm.ShipmentName(sh.Order, sh.ID), crm.OrderName(sh.Order)))
	}
	rows, err := tx.Query(ctx, "select "+shipmentColumns+" from crm.shipment s where order_id = $1 and id = $2", sh.Order, sh.ID)
	if err != nil {
		return Shipment{}, fmt.Errorf("read shipment: %w", err)
	}
	added, err := pgx.CollectExactlyOneRow(rows, shipmentRow)
	if err != nil {
		return Shipment{}, err
	}
	return added, settle(ctx, tx, sh.Order)
}

// carriedSoFar reads an order's lines and how much of each is in shipments already.
func carriedSoFar(ctx context.Context, tx pgx.Tx, order string) ([]Line, map[int32]float64, error) {
	rows, err := tx.Query(ctx, `
		select l.number, l.quantity, coalesce((select sum(s.quantity) from crm.shipment_line s
			where s.order_id = l.order_id and s.line_number = l.number), 0)
		from crm.order_line l where l.order_id = $1`, order)
	if err != nil {
		return nil, nil, fmt.Errorf("read lines: %w", err)
	}
	var lines []Line
	var line Line
	var sum float64
	carried := make(map[int32]float64)
	_, err = pgx.ForEachRow(rows, []any{&line.Number, &line.Quantity, &sum}, func() error {
		lines = append(lines, line)
		carried[line.Number] = sum
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read lines: %w", err)
	}
	return lines, carried, nil
}
