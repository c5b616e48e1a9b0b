package crm

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Querier asks PostgreSQL: a pool, a connection or a transaction.
type Querier interface {
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
}

// One reads the one row of a query; without one it is [ErrNotFound] of the resource.
func One[T any](ctx context.Context, from Querier, row pgx.RowToFunc[T], resource, query string, args ...any) (T, error) {
	var none T
	rows, err := from.Query(ctx, query, args...)
	if err != nil {
		return none, fmt.Errorf("%s: %w", resource, err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, row)
	if errors.Is(err, pgx.ErrNoRows) {
		return none, NotFound(resource)
	}
	if err != nil {
		return none, fmt.Errorf("%s: %w", resource, err)
	}
	return found, nil
}
