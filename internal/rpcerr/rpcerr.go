// Package rpcerr makes the errors of the API: a canonical code, one ErrorInfo with
// a stable reason, and for bad requests the fields that are wrong with what to do
// (AIP-193).
package rpcerr

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"

	"waybill/internal/paging"
)

// Domain is the domain of every ErrorInfo.
const Domain = "waybill"

// New makes an error with the code, the reason (UPPER_SNAKE_CASE) and a message
// that says what is wrong and what to do.
func New(code codes.Code, reason, message string) error {
	return with(code, message, &errdetails.ErrorInfo{Reason: reason, Domain: Domain})
}

// NotFound says that there is no such resource, or none that the caller may see.
func NotFound(resource string) error {
	return with(codes.NotFound, resource+" was not found; check the name, and that this token may see it",
		&errdetails.ErrorInfo{Reason: "RESOURCE_NOT_FOUND", Domain: Domain, Metadata: map[string]string{"resource": resource}})
}

// AlreadyExists says that another resource has the name, or a value that must be
// its own.
func AlreadyExists(resource, detail string) error {
	return with(codes.AlreadyExists, detail,
		&errdetails.ErrorInfo{Reason: "RESOURCE_ALREADY_EXISTS", Domain: Domain, Metadata: map[string]string{"resource": resource}})
}

// Violation is one field that is wrong.
type Violation struct {
	// Field is the path of the field in the request: `order.customer`.
	Field string
	// Description says what to do.
	Description string
}

// Field makes a violation.
func Field(path, description string) Violation {
	return Violation{Field: path, Description: description}
}

// Invalid says which fields of the request are wrong.
func Invalid(violations ...Violation) error {
	bad := &errdetails.BadRequest{}
	words := make([]string, 0, len(violations))
	for _, v := range violations {
		bad.FieldViolations = append(bad.FieldViolations,
			&errdetails.BadRequest_FieldViolation{Field: v.Field, Description: v.Description})
		words = append(words, v.Field+": "+v.Description)
	}
	return with(codes.InvalidArgument, strings.Join(words, "; "),
		&errdetails.ErrorInfo{Reason: "INVALID_ARGUMENT", Domain: Domain}, bad)
}

// From passes an error of the API on as it is, turns an end of the context into
// its code, a bad page token into a bad request, and hides everything else
// behind INTERNAL: callers log it before.
func From(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return New(codes.Canceled, "CANCELED", "the call was cancelled")
	case errors.Is(err, context.DeadlineExceeded):
		return New(codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "the call took longer than its deadline; try again")
	case errors.Is(err, paging.ErrToken):
		return Invalid(Field("page_token", err.Error()))
	}
	if s, ok := status.FromError(err); ok {
		return s.Err()
	}
	return New(codes.Internal, "INTERNAL", "something went wrong on our side; it has been logged")
}

func with(code codes.Code, message string, details ...protoadapt.MessageV1) error {
	s := status.New(code, message)
	if detailed, err := s.WithDetails(details...); err == nil {
		s = detailed
	}
	return s.Err()
}
