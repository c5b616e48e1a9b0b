package rpc

import (
	"context"
	"fmt"
	"strings"

	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// GetPosition returns where a vehicle or device was last seen.
func (s *FixServer) GetPosition(ctx context.Context, r *trackingv1.GetPositionRequest) (*trackingv1.GetPositionResponse, error) {
	collection, find := vehicles, s.options.Seen.Position
	if strings.HasPrefix(r.GetName(), devices+"/") {
		collection, find = devices, s.options.Seen.DevicePosition
	}
	uid, err := uidOf(collection, "name", r.GetName())
	if err != nil {
		return nil, err
	}
	position, err := find(ctx, uid)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: "a position of " + r.GetName()})
	}
	wire, err := positionToWire(position)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetName()})
	}
	return &trackingv1.GetPositionResponse{Position: wire}, nil
}

// ListPositions lists where vehicles were last seen.
func (s *FixServer) ListPositions(ctx context.Context, r *trackingv1.ListPositionsRequest) (*trackingv1.ListPositionsResponse, error) {
	after, err := pageAfter(r.GetPageToken())
	if err != nil {
		return nil, err
	}
	box, err := boxFromWire(r.GetBox())
	if err != nil {
		return nil, err
	}
	filter, err := namesToFilter(r.GetNames())
	if err != nil {
		return nil, err
	}
	filter.Box = box
	size := paging.Size(r.GetPageSize(), usualFixPage, largestFixPage)
	rows, err := s.options.Seen.Positions(ctx, filter, tracking.Page{After: after, Size: size + 1})
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: "positions"})
	}
	page, next, err := paging.Cut(rows, size, func(p tracking.Position) any { return p.Device })
	if err != nil {
		return nil, rpcerr.From(err)
	}
	wire, err := positionsToWire(page)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: "positions"})
	}
	return &trackingv1.ListPositionsResponse{Positions: wire, NextPageToken: next}, nil
}

// namesToFilter sorts the names of vehicles and devices.
func namesToFilter(names []string) (tracking.Filter, error) {
	var filter tracking.Filter
	if len(names) > maxWatched {
		return filter, rpcerr.Invalid(rpcerr.Field("names", fmt.Sprintf("name at most %d, or none for all", maxWatched)))
	}
	for i, name := range names {
		collection, uids := vehicles, &filter.Vehicles
		if strings.HasPrefix(name, devices+"/") {
			collection, uids = devices, &filter.Devices
		}
		uid, err := uidOf(collection, fmt.Sprintf("names[%d]", i), name)
		if err != nil {
			return filter, err
		}
		*uids = append(*uids, uid)
	}
	return filter, nil
}

func positionsToWire(positions []tracking.Position) ([]*trackingv1.Position, error) {
	wire := make([]*trackingv1.Position, len(positions))
	for i, p := range positions {
		var err error
		if wire[i], err = positionToWire(p); err != nil {
			return nil, err
		}
	}
	return wire, nil
}
