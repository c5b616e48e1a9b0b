// Package rpc is the gRPC face of the gateway.
package rpc

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/gateway"
	"waybill/gateway/postgres"
	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
	"waybill/tracking"
)

const (
	usualPage = 50
	mostPage  = 1000

	inputs  = "rejectedInputs/"
	devices = "devices/"
)

// Lister lists rejected input; it is [*postgres.Store].
type Lister interface {
	List(ctx context.Context, device string, reason tracking.Reason, after postgres.Position, limit int) ([]gateway.RejectedInput, error)
}

// Replayer replays rejected input; it is [*gateway.Replayer].
type Replayer interface {
	Replay(ctx context.Context, id int64) (gateway.Tally, gateway.RejectedInput, error)
}

// RejectedInputServer serves RejectedInputService.
type RejectedInputServer struct {
	gatewayv1.UnimplementedRejectedInputServiceServer
	lister   Lister
	replayer Replayer
	log      *slog.Logger
}

// NewRejectedInputServer makes the server.
func NewRejectedInputServer(lister Lister, replayer Replayer, log *slog.Logger) *RejectedInputServer {
	return &RejectedInputServer{lister: lister, replayer: replayer, log: log}
}

// ListRejectedInputs implements the service.
func (s *RejectedInputServer) ListRejectedInputs(ctx context.Context, q *gatewayv1.ListRejectedInputsRequest) (*gatewayv1.ListRejectedInputsResponse, error) {
	var after postgres.Position
	if err := paging.Decode(q.GetPageToken(), &after); err != nil {
		return nil, rpcerr.From(err)
	}
	device, isDevice := strings.CutPrefix(q.GetDevice(), devices)
	if q.GetDevice() != "" && (!isDevice || device == "") {
		return nil, rpcerr.Invalid(rpcerr.Field("device", "give the device's resource name, such as devices/truck-1"))
	}
	size := paging.Size(q.GetPageSize(), usualPage, mostPage)
	rows, err := s.lister.List(ctx, device, tracking.Reason(q.GetReason()), after, size+1)
	if err != nil {
		return nil, s.failed(ctx, "ListRejectedInputs", err)
	}
	page, next, err := paging.Cut(rows, size, func(in gateway.RejectedInput) any {
		return postgres.Position{LastTime: in.LastTime, ID: in.ID}
	})
	if err != nil {
		return nil, s.failed(ctx, "ListRejectedInputs", err)
	}
	response := &gatewayv1.ListRejectedInputsResponse{NextPageToken: next}
	for i := range page {
		response.RejectedInputs = append(response.RejectedInputs, toProto(&page[i]))
	}
	return response, nil
}

// ReplayRejectedInput implements the service.
func (s *RejectedInputServer) ReplayRejectedInput(ctx context.Context, q *gatewayv1.ReplayRejectedInputRequest) (*gatewayv1.ReplayRejectedInputResponse, error) {
	text, isInput := strings.CutPrefix(q.GetName(), inputs)
	id, err := strconv.ParseInt(text, 10, 64)
	if !isInput || err != nil {
		return nil, rpcerr.Invalid(rpcerr.Field("name", "give the resource name that the list shows, such as rejectedInputs/17"))
	}
	tally, input, err := s.replayer.Replay(ctx, id)
	switch {
	case errors.Is(err, gateway.ErrNoInput):
		return nil, rpcerr.NotFound(q.GetName())
	case errors.Is(err, gateway.ErrNotReplayable):
		return nil, rpcerr.New(codes.FailedPrecondition, "NOT_REPLAYABLE", err.Error())
	case err != nil:
		return nil, s.failed(ctx, "ReplayRejectedInput", err)
	}
	return &gatewayv1.ReplayRejectedInputResponse{
		Stored: int32(tally.Stored), Duplicates: int32(tally.Duplicates), //nolint:gosec // one message has thousands at most
		RejectedInput: toProto(&input),
	}, nil
}

// failed logs what of the error of a call the caller won't be told, and says what it will.
func (s *RejectedInputServer) failed(ctx context.Context, what string, err error) error {
	if tracking.IsRetryable(err) {
		return rpcerr.New(codes.Unavailable, "STORE_UNAVAILABLE", "the database is not available now; try again in a moment")
	}
	if ctx.Err() == nil {
		s.log.LogAttrs(ctx, slog.LevelError, "call failed", slog.String("call", what), slog.Any("error", err))
	}
	return rpcerr.From(err)
}

func toProto(in *gateway.RejectedInput) *gatewayv1.RejectedInput {
	out := &gatewayv1.RejectedInput{
		Name: inputs + strconv.FormatInt(in.ID, 10), Source: in.Source, Sender: in.Sender, Reason: string(in.Reason), Detail: in.Detail,
		Payload: in.Payload, PayloadSize: in.Size, Count: in.Count, Topic: in.Topic,
		FirstTime: timestamppb.New(in.FirstTime), LastTime: timestamppb.New(in.LastTime), ReplayTime: timeOrNil(in.ReplayTime),
	}
	if in.Device != "" {
		out.Device = devices + in.Device
	}
	out.SentTime = timeOrNil(in.SentTime)
	if in.Whole() && utf8.Valid(in.Payload) {
		out.Text = string(in.Payload)
	}
	return out
}

func timeOrNil(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
