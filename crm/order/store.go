package order

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/tracking"
)

// ChangesChannel is the channel of notifications on which the id of an order and that
// of its customer are sent, with a space between, in the transaction that changes one
// of its shipments.
const ChangesChannel = "crm_order"

// FutureTolerance is how far in the future an event may be: clocks differ.
const FutureTolerance = 5 * time.Minute

// Motion is what orders need of tracking.
type Motion interface {
	// Vehicle returns a vehicle by its uid. The error is [tracking.ErrNotFound] when
	// there is none.
	Vehicle(ctx context.Context, uid string) (tracking.Vehicle, error)
	// Visits returns the visits of the vehicle that overlap the time from (inclusive)
	// and to (exclusive; without an end when zero), as they follow from what is
	// committed.
	// A page of size zero is all of them. The error is [tracking.ErrNotFound] for an
	// unknown vehicle.
	Visits(ctx context.Context, vehicle string, from, to time.Time, page tracking.VisitPage) ([]tracking.Visit, error)
}

// Store keeps orders, shipments and events in PostgreSQL.
type Store struct {
	pool   *pgxpool.Pool
	motion Motion
	// outside bounds the transactions that ask tracking while they hold a connection.
	// In one process tracking takes its own from the same pool: without a bound, all
	// connections could wait for one more.
	outside chan struct{}
}

// NewStore makes a store on the pool, which must have room for two connections at
// least.
func NewStore(pool *pgxpool.Pool, motion Motion) *Store {
	const share = 3 // of the pool's connections, one in three may wait for tracking
	return &Store{
		pool: pool, motion: motion,
		outside: make(chan struct{}, max(1, int(pool.Config().MaxConns)/share)),
	}
}

// Reserve takes one of the places for transactions that ask tracking, until release.
// It comes before the transaction and its locks: who waits for a place with a lock in
// hand could wait for one who waits for the lock.
func (s *Store) Reserve(ctx context.Context) (release func(), err error) {
	select {
	case s.outside <- struct{}{}:
		return func() { <-s.outside }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
