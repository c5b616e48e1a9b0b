package rpc

import (
	"context"
	"log/slog"
	"time"

	"google.golang.org/grpc/codes"

	"waybill/internal/access"
	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// DeviceEventServer serves DeviceEventService.
type DeviceEventServer struct {
	trackingv1.UnimplementedDeviceEventServiceServer
	events tracking.DeviceEvents
	log    *slog.Logger
}

// NewDeviceEventServer returns a server over what devices say without a position.
func NewDeviceEventServer(events tracking.DeviceEvents, log *slog.Logger) *DeviceEventServer {
	return &DeviceEventServer{events: events, log: log}
}

// RecordDeviceEvent records an event and opens its alert.
func (s *DeviceEventServer) RecordDeviceEvent(ctx context.Context, r *trackingv1.RecordDeviceEventRequest) (*trackingv1.RecordDeviceEventResponse, error) {
	device, err := uidOf(devices, "parent", r.GetParent())
	if err != nil {
		return nil, err
	}
	caller := access.FromContext(ctx)
	if caller.Role == access.Device && caller.Device != r.GetParent() {
		return nil, rpcerr.New(codes.PermissionDenied, "NOT_YOUR_DEVICE", "this token is of "+caller.Device+"; it can't report for "+r.GetParent())
	}
	outcome, err := s.events.RecordDeviceEvent(ctx, eventFromWire(device, r.GetEvent(), caller.Role == access.Peer, time.Now()))
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetParent()})
	}
	wire := outcomeToWire(0, outcome)
	return &trackingv1.RecordDeviceEventResponse{Outcome: wire.GetOutcome(), Reason: wire.GetReason(), Detail: wire.GetDetail()}, nil
}

// ListDeviceEvents lists the events of a device, the newest first.
func (s *DeviceEventServer) ListDeviceEvents(ctx context.Context, r *trackingv1.ListDeviceEventsRequest) (*trackingv1.ListDeviceEventsResponse, error) {
	query := tracking.EventQuery{Size: paging.Size(r.GetPageSize(), usualPage, largestPage) + 1}
	var err error
	if query.Device, err = uidOf(devices, "parent", r.GetParent()); err != nil {
		return nil, err
	}
	if r.GetPageToken() != "" {
		query.After = new(tracking.EventKey)
		if err := paging.Decode(r.GetPageToken(), query.After); err != nil {
			return nil, rpcerr.From(err)
		}
	}
	rows, err := s.events.DeviceEvents(ctx, query)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetParent()})
	}
	page, next, err := paging.Cut(rows, query.Size-1, func(e tracking.DeviceEvent) any {
		return tracking.EventKey{Time: e.Time, ID: e.ID}
	})
	if err != nil {
		return nil, rpcerr.From(err)
	}
	response := &trackingv1.ListDeviceEventsResponse{NextPageToken: next}
	for i := range page {
		response.Events = append(response.Events, eventToWire(&page[i]))
	}
	return response, nil
}
