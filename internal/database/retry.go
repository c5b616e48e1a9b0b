package database

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// IsRetryable says whether the same work may succeed if it is done again: the
// database was away, shutting down or out of room, or another transaction was in
// the way. Whether the work was done nevertheless (a commit whose answer was lost)
// it doesn't say: what is retried has to be idempotent.
func IsRetryable(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		return retryableCode(pgErr.Code)
	}
	var connectErr *pgconn.ConnectError
	var netErr net.Error
	return pgconn.SafeToRetry(err) || pgconn.Timeout(err) ||
		errors.As(err, &connectErr) || errors.As(err, &netErr) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		strings.Contains(err.Error(), "conn closed")
}

// retryableCode reads an SQLSTATE (PostgreSQL's manual, appendix A).
func retryableCode(code string) bool {
	switch code {
	case "40001", // serialization_failure
		"40P01", // deadlock_detected
		"55P03", // lock_not_available
		"57P01", // admin_shutdown
		"57P02", // crash_shutdown
		"57P03", // cannot_connect_now
		"58030", // io_error
		"25006": // read_only_sql_transaction: a standby that is about to take over
		return true
	}
	// 08 connection exception, 53 insufficient resources (disk full, too many connections).
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "53")
}
