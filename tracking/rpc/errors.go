package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	"waybill/tracking"
)

// Reasons that the client tells apart.
const (
	reasonNotFound        = "RESOURCE_NOT_FOUND"
	reasonUnauthenticated = "DEVICE_UNAUTHENTICATED"
)

// subject is what a call is about, for its errors.
type subject struct {
	// name is the resource name.
	name string
	// prefix is the path of the resource in the request, and uidField the field by
	// which its uid is chosen.
	prefix, uidField string
}

// answer makes the API's error of one of the domain. What is not the caller's doing
// is logged here.
func answer(ctx context.Context, log *slog.Logger, err error, about subject) error {
	var field *tracking.FieldError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &field):
		return answerField(field, about)
	case errors.Is(err, tracking.ErrNotFound):
		return rpcerr.NotFound(about.name)
	case errors.Is(err, tracking.ErrUnauthenticated):
		return rpcerr.New(codes.Unauthenticated, reasonUnauthenticated, err.Error())
	case errors.Is(err, tracking.ErrUnavailable):
		log.WarnContext(ctx, "the store is away", slog.Any("error", err))
		return rpcerr.New(codes.Unavailable, "STORE_UNAVAILABLE", tracking.ErrUnavailable.Error())
	}
	answer := rpcerr.From(err)
	if status.Code(answer) == codes.Internal {
		log.ErrorContext(ctx, "call failed", slog.Any("error", err), slog.String("resource", about.name))
	}
	return answer
}

func answerField(err *tracking.FieldError, about subject) error {
	path := err.Field
	switch {
	case path == "uid" && about.uidField != "":
		path = about.uidField
	case about.prefix != "" && path != "request_id":
		path = about.prefix + "." + path
	}
	switch {
	case errors.Is(err, tracking.ErrExists):
		return rpcerr.AlreadyExists(about.name, path+": "+err.Advice)
	case errors.Is(err, tracking.ErrNotFound):
		return rpcerr.New(codes.NotFound, reasonNotFound, err.Advice)
	case errors.Is(err, tracking.ErrFitted):
		return rpcerr.New(codes.FailedPrecondition, "FITTING_IN_THE_WAY", err.Advice)
	case errors.Is(err, tracking.ErrOwned):
		return rpcerr.New(codes.FailedPrecondition, "ZONE_OWNED", err.Advice)
	}
	return rpcerr.Invalid(rpcerr.Field(path, err.Advice))
}

// understood makes the domain's error of one that a call was answered with.
func understood(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s := status.Convert(err)
	reason, violation := details(s)
	switch {
	case s.Code() == codes.NotFound && reason == reasonNotFound:
		return tracking.ErrNotFound
	case s.Code() == codes.Unauthenticated && reason == reasonUnauthenticated:
		// Without the reason it is our own token that is wrong, not the device's password.
		return tracking.ErrUnauthenticated
	case s.Code() == codes.InvalidArgument && violation != nil:
		return &tracking.FieldError{Field: violation.GetField(), Advice: violation.GetDescription(), Err: tracking.ErrInvalid}
	case s.Code() == codes.Unavailable, s.Code() == codes.DeadlineExceeded, s.Code() == codes.ResourceExhausted:
		return fmt.Errorf("%w: %w", tracking.ErrUnavailable, err)
	}
	return fmt.Errorf("call tracking: %w", err)
}

func details(s *status.Status) (reason string, violation *errdetails.BadRequest_FieldViolation) {
	for _, detail := range s.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			if detail.GetDomain() == rpcerr.Domain {
				reason = detail.GetReason()
			}
		case *errdetails.BadRequest:
			if violations := detail.GetFieldViolations(); len(violations) > 0 {
				violation = violations[0]
			}
		}
	}
	return reason, violation
}

// pageAfter is the uid that a page token says.
func pageAfter(token string) (string, error) {
	var after string
	if err := paging.Decode(token, &after); err != nil {
		return "", rpcerr.From(err)
	}
	if after != "" && tracking.CheckUID("page_token", after) != nil {
		return "", rpcerr.From(paging.ErrToken)
	}
	return after, nil
}
