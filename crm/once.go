package crm

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
)

// SQLSTATEs of broken constraints (PostgreSQL's manual, appendix A).
const (
	uniqueViolation     = "23505"
	foreignKeyViolation = "23503"
)

// CheckRequestID notes a request id that is not a UUID.
func CheckRequestID(c *Checks, id string) {
	if id == "" {
		return
	}
	_, err := uuid.Parse(id)
	c.That(err == nil, "request_id", "use a UUID, a new one for each thing to create, or leave it empty")
}

// Once creates something by insert, unless a call with the same request id has
// done so before: then it answers with what find gives, which must be [ErrNotFound]
// when there is no such thing.
func Once[T any](ctx context.Context, requestID string, find, insert func(context.Context) (T, error)) (T, error) {
	if requestID == "" {
		return insert(ctx)
	}
	made, err := find(ctx)
	if !errors.Is(err, ErrNotFound) {
		return made, err
	}
	made, err = insert(ctx)
	if !errors.Is(err, ErrExists) && !isRequestTwin(err) {
		return made, err
	}
	// The name is taken, perhaps by a twin of this call that was quicker.
	twin, findErr := find(ctx)
	if errors.Is(findErr, ErrNotFound) {
		return made, err
	}
	return twin, findErr
}

// OtherRequest says that a request id was used for something else.
func OtherRequest() error {
	return Invalid("request_id", "it was used to create something else; use a new UUID")
}

// Broken turns a broken constraint of an insert into what a caller understands: the
// resource [Exists], or its parent is [NotFound]. Other errors stay as they are.
func Broken(err error, resource, parent string) error {
	var broken *pgconn.PgError
	switch {
	case !errors.As(err, &broken), isRequestTwin(err):
		return err
	case broken.Code == uniqueViolation:
		return Exists(resource)
	case broken.Code == foreignKeyViolation:
		return NotFound(parent)
	}
	return err
}

func isRequestTwin(err error) bool {
	var broken *pgconn.PgError
	return errors.As(err, &broken) && broken.Code == uniqueViolation &&
		strings.HasSuffix(broken.ConstraintName, "_request_id_key")
}
