package order

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// holding reads the events of a shipment that hold.
func holding(ctx context.Context, tx pgx.Tx, order, shipment string) ([]Event, error) {
	rows, err := tx.Query(ctx, "select "+eventColumns+` from crm.event
		where order_id = $1 and shipment = $2 and correction_time is null
		order by event_time, record_time, id`, order, shipment)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return pgx.CollectRows(rows, eventRow)
}

func insertEvent(ctx context.Context, tx pgx.Tx, e Event, requestID string) (Event, error) {
	rows, err := tx.Query(ctx, `
		insert into crm.event (order_id, shipment, biz_step, disposition, event_time, read_point, vehicle, automatic, note, request_id)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, nullif($10, ''))
		returning `+eventColumns,
		e.Order, e.Shipment, e.BizStep, e.Disposition, e.Time, e.ReadPoint, e.Vehicle, e.Automatic, e.Note, requestID)
	if err != nil {
		return Event{}, fmt.Errorf("store event: %w", err)
	}
	stored, err := pgx.CollectExactlyOneRow(rows, eventRow)
	if err != nil {
		return Event{}, fmt.Errorf("store event: %w", err)
	}
	return stored, nil
}

// keepState stores what lists and lookups need of a shipment's state, and says
// whether it has changed. Rows that stay as they are aren't touched.
func keepState(ctx context.Context, tx pgx.Tx, order, shipment string, state State) (bool, error) {
	var holders []string
	var from, to []any
	for _, i := range state.Custody {
		holders, from = append(holders, i.Holder), append(from, i.From)
		if i.To.IsZero() {
			to = append(to, nil)
		} else {
			to = append(to, i.To)
		}
	}
	batch := &pgx.Batch{}
	batch.Queue(`
		delete from crm.custody c where order_id = $1 and shipment = $2 and not exists (
			select from unnest($3::text[], $4::timestamptz[], $5::timestamptz[]) n (holder, from_time, to_time)
			where n.holder = c.holder and n.from_time = c.from_time and coalesce(n.to_time, 'infinity') = c.to_time)`,
		order, shipment, holders, from, to)
	batch.Queue(`
		insert into crm.custody (order_id, shipment, holder, from_time, to_time)
		select $1, $2, holder, from_time, coalesce(to_time, 'infinity')
		from unnest($3::text[], $4::timestamptz[], $5::timestamptz[]) n (holder, from_time, to_time)
		on conflict do nothing`,
		order, shipment, holders, from, to)
	batch.Queue(`
		update crm.shipment set stage = $3, status = $4, disposition = $5
		where order_id = $1 and id = $2 and (stage, status, disposition) is distinct from ($3, $4, $5)`,
		order, shipment, state.Stage, state.Status, state.Disposition)
	results := tx.SendBatch(ctx, batch)
	changed := false
	for range batch.Len() {
		tag, err := results.Exec()
		if err != nil {
			_ = results.Close()
			return false, fmt.Errorf("store the state of shipment %s of order %s: %w", shipment, order, err)
		}
		changed = changed || tag.RowsAffected() > 0
	}
	if err := results.Close(); err != nil {
		return false, fmt.Errorf("store the state of shipment %s of order %s: %w", shipment, order, err)
	}
	return changed, nil
}

// settle brings the order's status in line with its shipments and tells watchers.
func settle(ctx context.Context, tx pgx.Tx, order string) error {
	rows, err := tx.Query(ctx, "select status from crm.shipment where order_id = $1", order)
	if err != nil {
		return fmt.Errorf("read shipments of order %s: %w", order, err)
	}
	statuses, err := pgx.CollectRows(rows, pgx.RowTo[Status])
	if err != nil {
		return fmt.Errorf("read shipments of order %s: %w", order, err)
	}
	_, err = tx.Exec(ctx, `
		update crm.orders set status = $2, update_time = now() where id = $1 and status <> $2`, order, Combine(statuses))
	if err == nil {
		_, err = tx.Exec(ctx, "select pg_notify($1, id || ' ' || customer) from crm.orders where id = $2", ChangesChannel, order)
	}
	if err != nil {
		return fmt.Errorf("settle order %s: %w", order, err)
	}
	return nil
}
