package order

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/crm"
	"waybill/internal/paging"
)

type eventPosition struct {
	Time     time.Time `json:"t"`
	Recorded time.Time `json:"r"`
	ID       int64     `json:"i"`
}

// Events returns a page of what happened to a shipment, by event time, and the token
// of the next; with corrected also what no longer holds.
func (s *Store) Events(ctx context.Context, order, shipment string, corrected bool, size int, token string) (events []Event, next string, err error) {
	var after eventPosition
	if err := paging.Decode(token, &after); err != nil {
		return nil, "", err
	}
	rows, err := s.pool.Query(ctx, "select "+eventColumns+` from crm.event
		where order_id = $1 and shipment = $2 and ($3 or correction_time is null)
		  and (event_time, record_time, id) > ($4, $5, $6)
		order by event_time, record_time, id limit $7`,
		order, shipment, corrected, after.Time, after.Recorded, after.ID, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list events: %w", err)
	}
	events, err = pgx.CollectRows(rows, eventRow)
	if err != nil {
		return nil, "", err
	}
	return paging.Cut(events, size, func(e Event) any {
		return eventPosition{Time: e.Time, Recorded: e.Recorded, ID: e.ID}
	})
}

// Tracked is an order with what its events come to.
type Tracked struct {
	Order     Order
	Shipments []TrackedShipment
}

// TrackedShipment is a shipment with what its events come to.
type TrackedShipment struct {
	Shipment Shipment
	State    State
}

// Track reads an order with what its events come to, or [crm.ErrNotFound]. It costs
// one round trip, and its cost goes with the events of the order alone.
func (s *Store) Track(ctx context.Context, id string) (Tracked, error) {
	batch := &pgx.Batch{}
	batch.Queue("select "+orderColumns+" from crm.orders o where id = $1", id)
	batch.Queue("select "+shipmentColumns+" from crm.shipment s where order_id = $1 order by id", id)
	batch.Queue("select "+eventColumns+" from crm.event where order_id = $1 and correction_time is null", id)
	results := s.pool.SendBatch(ctx, batch)
	defer func() { _ = results.Close() }() // its errors are those of the queries
	orders, err := collect(results, orderRow)
	if err != nil {
		return Tracked{}, err
	}
	if len(orders) == 0 {
		return Tracked{}, crm.NotFound(crm.OrderName(id))
	}
	shipments, err := collect(results, shipmentRow)
	if err != nil {
		return Tracked{}, err
	}
	events, err := collect(results, eventRow)
	if err != nil {
		return Tracked{}, err
	}
	tracked := Tracked{Order: orders[0]}
	for _, sh := range shipments {
		var mine []Event
		for _, e := range events {
			if e.Shipment == sh.ID {
				mine = append(mine, e)
			}
		}
		tracked.Shipments = append(tracked.Shipments, TrackedShipment{Shipment: sh, State: Replay(mine)})
	}
	return tracked, nil
}

func collect[T any](results pgx.BatchResults, row pgx.RowToFunc[T]) ([]T, error) {
	rows, err := results.Query()
	if err != nil {
		return nil, fmt.Errorf("read an order: %w", err)
	}
	return pgx.CollectRows(rows, row)
}
