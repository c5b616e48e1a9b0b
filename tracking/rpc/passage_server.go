package rpc

import (
	"context"
	"errors"
	"log/slog"

	"google.golang.org/grpc/codes"

	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// PassageServer serves PassageService.
type PassageServer struct {
	trackingv1.UnimplementedPassageServiceServer
	near tracking.Near
	log  *slog.Logger
}

// NewPassageServer returns a server over what knows who was where.
func NewPassageServer(near tracking.Near, log *slog.Logger) *PassageServer {
	return &PassageServer{near: near, log: log}
}

// passageToken is where a page of passages ends.
type passageToken = tracking.PassagePage

// ListPassages lists who was near a place.
func (s *PassageServer) ListPassages(ctx context.Context, r *trackingv1.ListPassagesRequest) (*trackingv1.ListPassagesResponse, error) {
	from, to, err := timeRange(r.GetFromTime(), r.GetToTime())
	if err != nil {
		return nil, err
	}
	if r.GetCircle().GetCenter() == nil {
		return nil, rpcerr.Invalid(rpcerr.Field("circle.center", "say where: a longitude and a latitude in degrees"))
	}
	var after passageToken
	if err := paging.Decode(r.GetPageToken(), &after); err != nil {
		return nil, rpcerr.From(err)
	}
	if after.Device != "" && tracking.CheckUID("page_token", after.Device) != nil {
		return nil, rpcerr.From(paging.ErrToken)
	}
	size := paging.Size(r.GetPageSize(), usualFixPage, largestFixPage)
	after.Size = size + 1
	rows, err := s.near.Passages(ctx, tracking.NearQuery{
		Center: pointFromWire(r.GetCircle().GetCenter()), Radius: r.GetCircle().GetRadius(), From: from, To: to, Page: after,
	})
	if errors.Is(err, tracking.ErrTooMuch) {
		return nil, rpcerr.New(codes.ResourceExhausted, "TOO_LARGE", err.Error())
	}
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: "passages"})
	}
	page, next, err := paging.Cut(rows, size, func(p tracking.Passage) any { return passageToken{Device: p.Device, First: p.First} })
	if err != nil {
		return nil, rpcerr.From(err)
	}
	response := &trackingv1.ListPassagesResponse{NextPageToken: next, Passages: make([]*trackingv1.Passage, len(page))}
	for i, p := range page {
		response.Passages[i] = passageToWire(p)
	}
	return response, nil
}

func passageToWire(p tracking.Passage) *trackingv1.Passage {
	return &trackingv1.Passage{
		Device:          resourceName(devices, p.Device),
		Vehicle:         resourceName(vehicles, p.Vehicle),
		DisplayName:     p.DisplayName,
		FirstTime:       timeToWire(p.First),
		LastTime:        timeToWire(p.Last),
		FixCount:        p.Fixes,
		ClosestDistance: p.Closest,
		ClosestTime:     timeToWire(p.ClosestTime),
	}
}
