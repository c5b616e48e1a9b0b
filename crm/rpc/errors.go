package rpc

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"google.golang.org/grpc/codes"

	"waybill/crm"
	"waybill/crm/order"
	"waybill/crm/text"
	"waybill/internal/access"
	"waybill/internal/database"
	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	"waybill/tracking"
)

const (
	usualPage = 50
	mostPage  = 1000
	// badText is the SQLSTATE of a text that has a NUL in it.
	badText = "22021"
)

// answer turns an error of the domain into one of the API, and logs what is hidden
// from the caller.
func answer(ctx context.Context, logger *slog.Logger, err error) error {
	var (
		invalid  *crm.InvalidError
		notFound *crm.NotFoundError
		exists   *crm.ExistsError
		optedOut *text.OptedOutError
		pgErr    *pgconn.PgError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &invalid):
		violations := make([]rpcerr.Violation, 0, len(invalid.Violations))
		for _, v := range invalid.Violations {
			violations = append(violations, rpcerr.Field(v.Field, v.Description))
		}
		return rpcerr.Invalid(violations...)
	case errors.As(err, &notFound):
		return rpcerr.NotFound(notFound.Resource)
	case errors.As(err, &exists):
		return rpcerr.AlreadyExists(exists.Resource, exists.Error())
	case errors.As(err, &optedOut):
		return rpcerr.New(codes.FailedPrecondition, "OPTED_OUT", optedOut.Error())
	case errors.Is(err, order.ErrTooManyWatchers):
		return rpcerr.New(codes.ResourceExhausted, "TOO_MANY_WATCHERS", err.Error())
	case errors.Is(err, tracking.ErrClosed):
		return rpcerr.New(codes.Unavailable, "STOPPING", "the server is stopping; connect again")
	case errors.As(err, &pgErr) && pgErr.Code == badText:
		return rpcerr.Invalid(rpcerr.Field("request", "take the NUL character out of the text"))
	case ctx.Err() == nil && (tracking.IsRetryable(err) || database.IsRetryable(err)):
		logger.WarnContext(ctx, "a call failed for now", "error", err)
		return rpcerr.New(codes.Unavailable, "UNAVAILABLE", "the store is away for the moment; try again")
	}
	converted := rpcerr.From(err)
	if ctx.Err() == nil && !errors.Is(err, paging.ErrToken) {
		logger.ErrorContext(ctx, "a call failed", "error", err)
	}
	return converted
}

// sees is nil when the caller may see what belongs to the customer with the id, else
// the resource is not found.
func sees(ctx context.Context, customer, resource string) error {
	if access.FromContext(ctx).Sees(crm.CustomerName(customer)) {
		return nil
	}
	return crm.NotFound(resource)
}

// narrow is the id of the customer that the caller is kept to; empty for staff. A
// caller who may see nothing is kept to nobody.
func narrow(ctx context.Context) (string, error) {
	caller := access.FromContext(ctx)
	if caller.Role != access.Customer {
		if !caller.Sees("") {
			return "", rpcerr.New(codes.PermissionDenied, "PERMISSION_DENIED", "this token may not do that")
		}
		return "", nil
	}
	ids, ok := crm.ParseName("customers/*", caller.Customer)
	if !ok {
		return "", rpcerr.New(codes.PermissionDenied, "PERMISSION_DENIED", "this token is no customer's; ask for another")
	}
	return ids[0], nil
}

// parse takes a resource name apart, and says what it should look like.
func parse(field, pattern, name string) ([]string, error) {
	ids, ok := crm.ParseName(pattern, name)
	if !ok {
		return nil, crm.Invalid(field, "give a resource name like "+example(pattern))
	}
	return ids, nil
}

// example is the pattern with the words of its own collections for the stars:
// orders/{order}/shipments/{shipment}.
func example(pattern string) string {
	words := strings.Split(pattern, "/")
	for i := 1; i < len(words); i++ {
		if words[i] != "*" {
			continue
		}
		one, many := strings.CutSuffix(words[i-1], "ies")
		if many {
			one += "y"
		}
		words[i] = "{" + strings.TrimSuffix(one, "s") + "}"
	}
	return strings.Join(words, "/")
}

func checkRequest(id string) error {
	var c crm.Checks
	crm.CheckRequestID(&c, id)
	return c.Err()
}

func pageSize(requested int32) int { return paging.Size(requested, usualPage, mostPage) }
