package custody

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/crm/order"
)

// taken is what one transaction did.
type taken struct {
	// found says that there was something; vehicle is the uid of its vehicle.
	found   bool
	vehicle string
	// busy says that somebody else works on the vehicle.
	busy    bool
	count   int
	changed []string
}

// take lets the shipments on one vehicle follow its oldest transitions and deletes
// those, in one transaction. It leaves out the vehicles to skip.
func (c *Consumer) take(ctx context.Context, skip []string) (taken, error) {
	var done taken
	release, err := c.orders.Reserve(ctx)
	if err != nil {
		return done, err
	}
	defer release()
	err = pgx.BeginFunc(ctx, c.pool, func(tx pgx.Tx) error {
		var err error
		if done.vehicle, done.found, err = oldest(ctx, tx, skip); err != nil || !done.found {
			return err
		}
		free, err := order.LockVehicle(ctx, tx, done.vehicle)
		if err != nil {
			return err
		}
		if !free {
			done.busy = true
			return nil
		}
		batch, err := read(ctx, tx, done.vehicle, c.batch)
		if err != nil {
			return err
		}
		return c.act(ctx, tx, batch, &done)
	})
	return done, err
}

func (c *Consumer) act(ctx context.Context, tx pgx.Tx, batch batch, done *taken) error {
	var err error
	// A device that was on no vehicle then, and zones that are nobody's ground, move
	// no shipment.
	if done.vehicle != "" && batch.owned {
		if done.changed, err = c.orders.Follow(ctx, tx, done.vehicle, batch.span); err != nil {
			return err
		}
	}
	tag, err := tx.Exec(ctx, "delete from tracking.transition_outbox where id = any($1)", batch.ids)
	if err != nil {
		return fmt.Errorf("delete transitions: %w", err)
	}
	if done.count = len(batch.ids); tag.RowsAffected() != int64(done.count) {
		return fmt.Errorf("delete transitions: %d of %d were there", tag.RowsAffected(), done.count)
	}
	return nil
}

// oldest is the vehicle of the oldest transition that nobody has locked.
func oldest(ctx context.Context, tx pgx.Tx, skip []string) (vehicle string, found bool, err error) {
	err = tx.QueryRow(ctx, `
		select vehicle from tracking.transition_outbox where vehicle <> all(coalesce($1, '{}'::text[]))
		order by id limit 1 for update skip locked`, skip).Scan(&vehicle)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("look into the outbox: %w", err)
	}
	return vehicle, true, nil
}

// batch is the oldest transitions of a vehicle.
type batch struct {
	ids  []int64
	span order.Span
	// owned says that one of them is at the ground of a facility or site.
	owned bool
}

// read takes the vehicle's oldest transitions. With its lock in hand we may wait for
// their rows: another consumer has one for the moment only in which it learns that
// the vehicle is ours.
func read(ctx context.Context, tx pgx.Tx, vehicle string, most int) (batch, error) {
	rows, err := tx.Query(ctx, `
		select id, time, owner from tracking.transition_outbox where vehicle = $1 order by id limit $2 for update`, vehicle, most)
	if err != nil {
		return batch{}, fmt.Errorf("read the outbox: %w", err)
	}
	var b batch
	var id int64
	var at time.Time
	var owner string
	_, err = pgx.ForEachRow(rows, []any{&id, &at, &owner}, func() error {
		if len(b.ids) == 0 || at.Before(b.span.From) {
			b.span.From = at
		}
		if at.After(b.span.To) {
			b.span.To = at
		}
		b.ids = append(b.ids, id)
		b.owned = b.owned || owner != ""
		return nil
	})
	if err != nil {
		return batch{}, fmt.Errorf("read the outbox: %w", err)
	}
	return b, nil
}
