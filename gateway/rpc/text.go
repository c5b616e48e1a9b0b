package rpc

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"waybill/gateway/outbound"
	"waybill/internal/access"
	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
	"waybill/tracking"
)

const texts = "texts/"

// TextServer serves TextService.
type TextServer struct {
	gatewayv1.UnimplementedTextServiceServer
	desk *outbound.Desk
	log  *slog.Logger
}

// NewTextServer makes the server.
func NewTextServer(desk *outbound.Desk, log *slog.Logger) *TextServer {
	return &TextServer{desk: desk, log: log}
}

// SendText implements the service.
func (s *TextServer) SendText(ctx context.Context, q *gatewayv1.SendTextRequest) (*gatewayv1.SendTextResponse, error) {
	expire := q.GetExpireTime()
	if expire != nil && expire.CheckValid() != nil {
		return nil, rpcerr.Invalid(rpcerr.Field("expire_time", "give a time from now on, and at most a week away"))
	}
	request := outbound.Request{
		RequestID: q.GetRequestId(), To: q.GetTo(), Body: q.GetBody(), Priority: outbound.Priority(q.GetPriority()), Creator: caller(ctx),
	}
	if expire != nil {
		request.ExpireTime = expire.AsTime()
	}
	text, err := s.desk.Send(ctx, request)
	if err != nil {
		return nil, s.answer(ctx, "SendText", "", err)
	}
	return &gatewayv1.SendTextResponse{Text: textToWire(text)}, nil
}

// GetText implements the service.
func (s *TextServer) GetText(ctx context.Context, q *gatewayv1.GetTextRequest) (*gatewayv1.GetTextResponse, error) {
	uid, err := nameOf(texts, q.GetName())
	if err != nil {
		return nil, err
	}
	text, err := s.desk.Store.Get(ctx, uid)
	if err != nil {
		return nil, s.answer(ctx, "GetText", q.GetName(), err)
	}
	return &gatewayv1.GetTextResponse{Text: textToWire(text)}, nil
}

// ListTexts implements the service.
func (s *TextServer) ListTexts(ctx context.Context, q *gatewayv1.ListTextsRequest) (*gatewayv1.ListTextsResponse, error) {
	filter := outbound.Filter{To: q.GetTo(), State: stateFromWire(q.GetState())}
	if err := paging.Decode(q.GetPageToken(), &filter.Before); err != nil {
		return nil, rpcerr.From(err)
	}
	if filter.To != "" {
		number, err := outbound.Number(filter.To, s.desk.Region)
		if err != nil {
			return nil, s.answer(ctx, "ListTexts", "", err)
		}
		filter.To = number
	}
	size := paging.Size(q.GetPageSize(), usualPage, mostPage)
	filter.Limit = size + 1
	rows, err := s.desk.Store.List(ctx, filter)
	if err != nil {
		return nil, s.answer(ctx, "ListTexts", "", err)
	}
	page, next, err := paging.Cut(rows, size, func(t outbound.Text) any { return t.Key })
	if err != nil {
		return nil, s.answer(ctx, "ListTexts", "", err)
	}
	response := &gatewayv1.ListTextsResponse{NextPageToken: next}
	for i := range page {
		response.Texts = append(response.Texts, textToWire(page[i]))
	}
	return response, nil
}

// CancelText implements the service.
func (s *TextServer) CancelText(ctx context.Context, q *gatewayv1.CancelTextRequest) (*gatewayv1.CancelTextResponse, error) {
	uid, err := nameOf(texts, q.GetName())
	if err != nil {
		return nil, err
	}
	text, err := s.desk.Store.Cancel(ctx, uid, time.Now())
	if errors.Is(err, outbound.ErrHandedOver) {
		return nil, rpcerr.New(codes.FailedPrecondition, "TEXT_HANDED_OVER",
			"the text is "+string(text.State)+" and can't be taken back; send another one if it has to be put right")
	}
	if err != nil {
		return nil, s.answer(ctx, "CancelText", q.GetName(), err)
	}
	return &gatewayv1.CancelTextResponse{Text: textToWire(text)}, nil
}

// EstimateText implements the service.
func (s *TextServer) EstimateText(ctx context.Context, q *gatewayv1.EstimateTextRequest) (*gatewayv1.EstimateTextResponse, error) {
	cost, err := outbound.Estimate(q.GetBody())
	if err != nil {
		return nil, s.answer(ctx, "EstimateText", "", err)
	}
	return &gatewayv1.EstimateTextResponse{Cost: costToWire(cost)}, nil
}

func (s *TextServer) answer(ctx context.Context, call, name string, err error) error {
	return outboundError(ctx, s.log, call, name, err)
}

// outboundError says what an error of package outbound means to a caller, and logs what the caller won't be told.
func outboundError(ctx context.Context, log *slog.Logger, call, name string, err error) error {
	var field *tracking.FieldError
	switch {
	case errors.As(err, &field) && errors.Is(err, tracking.ErrExists):
		return rpcerr.AlreadyExists(field.Field, field.Advice)
	case errors.As(err, &field):
		return rpcerr.Invalid(rpcerr.Field(field.Field, field.Advice))
	case errors.Is(err, tracking.ErrNotFound):
		return rpcerr.NotFound(name)
	case errors.Is(err, outbound.ErrFull):
		return rpcerr.New(codes.ResourceExhausted, "QUEUE_FULL",
			"as many texts of this priority wait as may; try again later, or look with ListModems why they are not sent")
	case tracking.IsRetryable(err):
		return rpcerr.New(codes.Unavailable, "STORE_UNAVAILABLE", "the database is not available now; try again in a moment")
	}
	if ctx.Err() == nil {
		log.LogAttrs(ctx, slog.LevelError, "call failed", slog.String("call", call), slog.Any("error", err))
	}
	return rpcerr.From(err)
}

// caller is who called: as people call the token, and its name, which no other has.
func caller(ctx context.Context) string {
	c := access.FromContext(ctx)
	switch {
	case c.Token == "":
		return string(c.Role)
	case c.DisplayName == "":
		return "tokens/" + c.Token
	}
	return c.DisplayName + " (tokens/" + c.Token + ")"
}

// nameOf reads a resource name that stands in the field name.
func nameOf(collection, name string) (string, error) {
	uid, ok := strings.CutPrefix(name, collection)
	if !ok || uid == "" || strings.Trim(uid, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return "", rpcerr.Invalid(rpcerr.Field("name", "give the resource name that the list shows, such as "+collection+"3k7qw2mbtn5xyzva"))
	}
	return uid, nil
}
