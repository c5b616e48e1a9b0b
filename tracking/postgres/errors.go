package postgres

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"waybill/internal/database"
	"waybill/tracking"
)

// What PostgreSQL calls errors (its manual, appendix A).
const (
	codeUniqueViolation      = "23505"
	codeCheckViolation       = "23514"
	codeSerializationFailure = "40001"
	codeDeadlock             = "40P01"
	codeUndefinedTable       = "42P01"
	codeLockNotAvailable     = "55P03"
	codeQueryCanceled        = "57014"
	classDataException       = "22"
	classIntegrityViolation  = "23"
	classProgramLimit        = "54" // as JSON that is too deep for the server's stack
)

// errOutrun says that states or zones are not as they were thought to be.
var errOutrun = errors.New("another transaction came first")

func code(err error) string {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pgErr.Code
	}
	return ""
}

// isContention says that another transaction came first, and that ours, which was
// rolled back, has to be done again with what it left.
func isContention(err error) bool {
	switch code(err) {
	case codeUniqueViolation, codeSerializationFailure, codeDeadlock:
		return true
	}
	_, moved := asZonesMoved(err)
	return moved || errors.Is(err, errOutrun)
}

// isMissingPartition says that a day that we had seen is no longer there.
func isMissingPartition(err error) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pgErr.Code == codeCheckViolation && pgErr.ConstraintName == "" && pgErr.TableName == "position"
}

// translate says what an error means in the words of tracking.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if database.IsRetryable(err) || isContention(err) {
		return fmt.Errorf("%w: %w", tracking.ErrUnavailable, err)
	}
	for _, class := range []string{classDataException, classIntegrityViolation, classProgramLimit} {
		if strings.HasPrefix(code(err), class) {
			return fmt.Errorf("%w: %w", tracking.ErrUnstorable, err)
		}
	}
	return err
}
