package order

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"waybill/crm"
	"waybill/internal/database"
)

// vehicleLocks is the class of the advisory locks of vehicles ("crm").
const vehicleLocks = 0x63726d

const maxAttempts = 5

// errMoreVehicles says that the order got another vehicle while we waited.
var errMoreVehicles = errors.New("the order's vehicles have changed")

// LockVehicle takes the vehicle's lock until the end of the transaction, if it is
// free. Whoever holds it alone derives the automatic events of the vehicle: events
// recorded meanwhile wait, so that no transition falls between the reading of visits
// and the commit of custody.
func LockVehicle(ctx context.Context, tx pgx.Tx, vehicle string) (bool, error) {
	var free bool
	err := tx.QueryRow(ctx, "select pg_try_advisory_xact_lock($1, hashtext($2))", vehicleLocks, vehicle).Scan(&free)
	if err != nil {
		return false, fmt.Errorf("lock vehicle %s: %w", vehicle, err)
	}
	return free, nil
}

// header is what changes of an order need to know of it.
type header struct {
	id, customer, destination string
}

// destinationName is the destination's resource name, or empty.
func (h header) destinationName() string {
	if h.destination == "" {
		return ""
	}
	return crm.SiteName(h.customer, h.destination)
}

// change runs do in a transaction that holds the locks of the order and of all
// vehicles that have or had a part of it, with the extra one. The order of locking is
// the same everywhere: vehicles, then orders, so that nobody waits in a circle.
func (s *Store) change(ctx context.Context, id string, extra string, do func(context.Context, pgx.Tx, header) error) error {
	release, err := s.Reserve(ctx)
	if err != nil {
		return err
	}
	defer release()
	for attempt := 1; ; attempt++ {
		err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			h, err := lockOrder(ctx, tx, id, extra)
			if err != nil {
				return err
			}
			return do(ctx, tx, h)
		})
		again := errors.Is(err, errMoreVehicles) || inTheWay(err)
		if !again || attempt == maxAttempts || ctx.Err() != nil {
			return err
		}
	}
}

// inTheWay tells a conflict with another transaction from a database that is away,
// which is not for us to wait for.
func inTheWay(err error) bool {
	return database.IsRetryable(err) && slices.Contains([]string{"40001", "40P01"}, sqlState(err))
}

func lockOrder(ctx context.Context, tx pgx.Tx, id, extra string) (header, error) {
	locked, err := vehiclesOf(ctx, tx, id)
	if err != nil {
		return header{}, err
	}
	if extra != "" {
		locked = append(locked, extra)
	}
	_, err = tx.Exec(ctx, `
		select pg_advisory_xact_lock($1, key)
		from (select distinct hashtext(v) as key from unnest($2::text[]) v order by 1) keys`, vehicleLocks, locked)
	if err != nil {
		return header{}, fmt.Errorf("lock the vehicles of order %s: %w", id, err)
	}
	h := header{id: id}
	err = tx.QueryRow(ctx, "select customer, coalesce(destination, '') from crm.orders where id = $1 for update", id).
		Scan(&h.customer, &h.destination)
	if errors.Is(err, pgx.ErrNoRows) {
		return h, crm.NotFound(crm.OrderName(id))
	}
	if err != nil {
		return h, fmt.Errorf("lock order %s: %w", id, err)
	}
	now, err := vehiclesOf(ctx, tx, id)
	if err != nil {
		return h, err
	}
	for _, v := range now {
		if !slices.Contains(locked, v) {
			return h, errMoreVehicles
		}
	}
	return h, nil
}

func vehiclesOf(ctx context.Context, tx pgx.Tx, id string) ([]string, error) {
	rows, err := tx.Query(ctx, "select distinct vehicle from crm.event where order_id = $1 and vehicle <> ''", id)
	if err != nil {
		return nil, fmt.Errorf("read the vehicles of order %s: %w", id, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
