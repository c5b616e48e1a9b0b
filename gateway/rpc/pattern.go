package rpc

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"waybill/gateway"
	"waybill/gateway/pattern"
	"waybill/internal/access"
	"waybill/internal/rpcerr"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
	"waybill/tracking"
)

const (
	patterns = "patterns/"
	// mostRefused bounds those that are named in a response.
	mostRefused = 100
)

// PatternServer serves PatternService.
type PatternServer struct {
	gatewayv1.UnimplementedPatternServiceServer
	teacher *pattern.Teacher
	log     *slog.Logger
}

// NewPatternServer makes the server.
func NewPatternServer(teacher *pattern.Teacher, log *slog.Logger) *PatternServer {
	return &PatternServer{teacher: teacher, log: log}
}

// CreatePattern checks a pattern with its example and adds it.
func (s *PatternServer) CreatePattern(ctx context.Context, q *gatewayv1.CreatePatternRequest) (*gatewayv1.CreatePatternResponse, error) {
	if err := tracking.CheckText("request_id", q.GetRequestId()); err != nil {
		return nil, s.failed(ctx, "CreatePattern", err, "")
	}
	p := patternFromWire(q.GetPatternId(), q.GetPattern())
	caller := access.FromContext(ctx)
	if p.Creator = caller.DisplayName; p.Creator == "" {
		p.Creator = caller.Token
	}
	taught, err := s.teacher.Teach(ctx, p, q.GetRequestId(), q.GetValidateOnly())
	if err != nil {
		return nil, s.failed(ctx, "CreatePattern", err, patterns+p.UID)
	}
	return &gatewayv1.CreatePatternResponse{Pattern: patternToWire(&taught.Pattern), Conflicts: taught.Conflicts}, nil
}

// GetPattern returns one pattern.
func (s *PatternServer) GetPattern(ctx context.Context, q *gatewayv1.GetPatternRequest) (*gatewayv1.GetPatternResponse, error) {
	uid, err := patternUID("name", q.GetName())
	if err != nil {
		return nil, err
	}
	all, err := s.teacher.Book.Patterns(ctx)
	if err != nil {
		return nil, s.failed(ctx, "GetPattern", err, q.GetName())
	}
	for _, p := range all {
		if p.UID == uid {
			return &gatewayv1.GetPatternResponse{Pattern: patternToWire(&p.Pattern)}, nil
		}
	}
	return nil, rpcerr.NotFound(q.GetName())
}

// ListPatterns lists all patterns in the order in which they are tried.
func (s *PatternServer) ListPatterns(ctx context.Context, _ *gatewayv1.ListPatternsRequest) (*gatewayv1.ListPatternsResponse, error) {
	all, err := s.teacher.Book.Patterns(ctx)
	if err != nil {
		return nil, s.failed(ctx, "ListPatterns", err, "")
	}
	response := &gatewayv1.ListPatternsResponse{}
	for _, p := range all {
		response.Patterns = append(response.Patterns, patternToWire(&p.Pattern))
	}
	return response, nil
}

// DeletePattern removes a pattern.
func (s *PatternServer) DeletePattern(ctx context.Context, q *gatewayv1.DeletePatternRequest) (*gatewayv1.DeletePatternResponse, error) {
	uid, err := patternUID("name", q.GetName())
	if err != nil {
		return nil, err
	}
	if err := s.teacher.Store.DeletePattern(ctx, uid); err != nil {
		return nil, s.failed(ctx, "DeletePattern", err, q.GetName())
	}
	return &gatewayv1.DeletePatternResponse{}, nil
}

// TryPattern tries a pattern, or all of them, and changes nothing.
func (s *PatternServer) TryPattern(ctx context.Context, q *gatewayv1.TryPatternRequest) (*gatewayv1.TryPatternResponse, error) {
	question := pattern.Question{Text: q.GetText()}
	if q.GetPattern() != nil {
		question.Pattern = patternFromWire(strings.TrimPrefix(q.GetPattern().GetName(), patterns), q.GetPattern())
	}
	var err error
	if question.Zone, err = time.LoadLocation(q.GetTimeZone()); err != nil {
		return nil, rpcerr.Invalid(rpcerr.Field("time_zone", "give an IANA zone, such as Asia/Shanghai"))
	}
	if name := q.GetRejectedInput(); name != "" {
		id, isInput := strings.CutPrefix(name, inputs)
		if question.Input, err = strconv.ParseInt(id, 10, 64); !isInput || err != nil || question.Input <= 0 {
			return nil, rpcerr.Invalid(rpcerr.Field("rejected_input", "give a name that the list shows, such as rejectedInputs/17"))
		}
	} else if q.GetText() == "" {
		return nil, rpcerr.Invalid(rpcerr.Field("text", "give a text, or rejected_input, to try it on"))
	}
	trial, err := s.teacher.Try(ctx, question)
	if err != nil {
		return nil, s.failed(ctx, "TryPattern", err, q.GetRejectedInput())
	}
	response := &gatewayv1.TryPatternResponse{Text: trial.Text}
	for i := range trial.Attempts {
		response.Attempts = append(response.Attempts, attemptToWire(&trial.Attempts[i]))
	}
	return response, nil
}

// RecoverRejectedInputs runs the rejected texts that a pattern matches through the gateway again.
func (s *PatternServer) RecoverRejectedInputs(ctx context.Context, q *gatewayv1.RecoverRejectedInputsRequest) (*gatewayv1.RecoverRejectedInputsResponse, error) {
	uid := ""
	if q.GetName() != "" {
		var err error
		if uid, err = patternUID("name", q.GetName()); err != nil {
			return nil, err
		}
	}
	r, err := s.teacher.Recover(ctx, uid)
	if err != nil {
		return nil, s.failed(ctx, "RecoverRejectedInputs", err, q.GetName())
	}
	response := &gatewayv1.RecoverRejectedInputsResponse{
		Looked: int32(r.Looked), Matched: int32(r.Matched), Recovered: int32(r.Recovered), //nolint:gosec // rejected input is bounded
		Stored: int32(r.Stored), Duplicates: int32(r.Duplicates), //nolint:gosec // as above
	}
	for i := range r.Refused[:min(len(r.Refused), mostRefused)] {
		response.Refused = append(response.Refused, inputs+strconv.FormatInt(r.Refused[i].ID, 10))
	}
	return response, nil
}

// failed says of an error what the caller can do about it, and logs the rest.
func (s *PatternServer) failed(ctx context.Context, what string, err error, name string) error {
	var field *tracking.FieldError
	switch {
	case errors.As(err, &field) && errors.Is(err, tracking.ErrExists):
		return rpcerr.AlreadyExists(name, field.Advice)
	case errors.As(err, &field):
		path := field.Field
		if path != "pattern_id" && path != "request_id" {
			path = "pattern." + path
		}
		return rpcerr.Invalid(rpcerr.Field(path, field.Advice))
	case errors.Is(err, tracking.ErrNotFound), errors.Is(err, gateway.ErrNoInput):
		return rpcerr.NotFound(name)
	case errors.Is(err, pattern.ErrTooMany):
		return rpcerr.New(codes.ResourceExhausted, "TOO_MANY_PATTERNS", err.Error())
	case errors.Is(err, pattern.ErrNotText), errors.Is(err, gateway.ErrNotReplayable):
		return rpcerr.New(codes.FailedPrecondition, "NOT_A_TEXT", err.Error())
	case tracking.IsRetryable(err):
		return rpcerr.New(codes.Unavailable, "STORE_UNAVAILABLE", "the database is not available now; try again in a moment")
	}
	if ctx.Err() == nil {
		s.log.LogAttrs(ctx, slog.LevelError, "call failed", slog.String("call", what), slog.Any("error", err))
	}
	return rpcerr.From(err)
}

func patternUID(field, name string) (string, error) {
	uid, ok := strings.CutPrefix(name, patterns)
	if !ok || tracking.CheckUID(field, uid) != nil {
		return "", rpcerr.Invalid(rpcerr.Field(field, "give a name like patterns/acme"))
	}
	return uid, nil
}
