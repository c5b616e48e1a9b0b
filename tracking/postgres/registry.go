package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/internal/database"
	"waybill/tracking"
)

// Registry keeps devices, vehicles, what is fitted to them, and zones. It is a
// [tracking.Devices], [tracking.Vehicles], [tracking.ZoneRegistry] and
// [tracking.Directory].
type Registry struct {
	pool   *pgxpool.Pool
	region string
}

// NewRegistry returns the registry in the database. The region (ISO 3166, "CN") is
// where phone numbers without a country code are.
func NewRegistry(pool *pgxpool.Pool, region string) *Registry {
	return &Registry{pool: pool, region: region}
}

// exclusionViolation is an SQLSTATE (PostgreSQL's manual, appendix A).
const exclusionViolation = "23P01"

// violated is the name of the constraint that the statement failed at, or empty.
func violated(err error, code string) string {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == code {
		return pgErr.ConstraintName
	}
	return ""
}

// failed says what was being done, and in the words of tracking what is to be asked
// of an error.
func failed(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return tracking.ErrNotFound
	case database.IsRetryable(err):
		return fmt.Errorf("%s: %w: %w", doing, tracking.ErrUnavailable, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// taken is the error for a constraint of uniqueness, from the field and the advice
// that belong to it.
func taken(err error, advice map[string]tracking.FieldError) error {
	known, ok := advice[violated(err, codeUniqueViolation)]
	if !ok {
		return nil
	}
	known.Err = tracking.ErrExists
	return &known
}

// repeated is the uid of what an earlier call with the same request id made in the
// table, or empty.
func (r *Registry) repeated(ctx context.Context, table, requestID string) (string, error) {
	if requestID == "" {
		return "", nil
	}
	var uid string
	err := r.pool.QueryRow(ctx, "select uid from tracking."+table+" where request_id = $1", requestID).Scan(&uid)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return uid, failed("look for the request", err)
}

// chosenUID checks the uid that a client chose, or makes one up. It checks the
// request id beside it.
func chosenUID(uid, requestID string) (string, error) {
	if err := tracking.CheckText("request_id", requestID); err != nil {
		return "", err
	}
	if uid == "" {
		return tracking.NewUID(), nil
	}
	return uid, tracking.CheckUID("uid", uid)
}
