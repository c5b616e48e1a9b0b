// Package postgres keeps what the gateway has to remember, in PostgreSQL's schema gateway: rejected input, the parts
// of long texts, what is sent, and formats that were taught.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/gateway"
	"waybill/internal/database"
	"waybill/tracking"
)

// Bounds of the rejected input that is kept. The zero value of each means its default.
type Bounds struct {
	// Origin is how many rows one origin may have; 200.
	Origin int
	// Total is how many rows there may be; 10,000. Some more may stand for a moment.
	Total int
}

// Store keeps rejected input, as a [gateway.Keeper] and a [gateway.Archive], and parts of long texts, as
// [modem.LongTexts].
type Store struct {
	pool   *pgxpool.Pool
	bounds Bounds
	// added counts new rows, so that the total is looked at only now and then.
	added atomic.Int64
}

// New makes a store on a migrated database.
func New(pool *pgxpool.Pool, bounds Bounds) *Store {
	if bounds.Origin <= 0 {
		bounds.Origin = 200
	}
	if bounds.Total <= 0 {
		bounds.Total = 10_000
	}
	return &Store{pool: pool, bounds: bounds}
}

// in runs f in a transaction, and makes of a store that is away an error that callers know.
func (s *Store) in(ctx context.Context, f func(pgx.Tx) error) error {
	err := pgx.BeginFunc(ctx, s.pool, f)
	switch {
	case err == nil, errors.Is(err, gateway.ErrNoInput):
		return err
	case database.IsRetryable(err):
		return fmt.Errorf("%w: the gateway's store: %w", tracking.ErrUnavailable, err)
	default:
		return fmt.Errorf("the gateway's store: %w", err)
	}
}
