package rpc

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// GetPosition returns where a vehicle or device was last seen.
func (s *FixServer) GetPosition(ctx context.Context, r *trackingv1.GetPositionRequest) (*trackingv1.GetPositionResponse, error) {
	at, err := readTime(r.GetReadTime())
	if err != nil {
		return nil, err
	}
	collection, now, then := vehicles, s.options.Seen.Position, s.options.Past.PositionAt
	if strings.HasPrefix(r.GetName(), devices+"/") {
		collection, now, then = devices, s.options.Seen.DevicePosition, s.options.Past.DevicePositionAt
	}
	uid, err := uidOf(collection, "name", r.GetName())
	if err != nil {
		return nil, err
	}
	var position tracking.Position
	if at.IsZero() {
		position, err = now(ctx, uid)
	} else {
		position, err = then(ctx, uid, at)
	}
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
	at, err := readTime(r.GetReadTime())
	if err != nil {
		return nil, err
	}
	size := paging.Size(r.GetPageSize(), usualFixPage, largestFixPage)
	var rows []tracking.Position
	list := tracking.Page{After: after, Size: size + 1}
	if at.IsZero() {
		rows, err = s.options.Seen.Positions(ctx, filter, list)
	} else {
		rows, err = s.options.Past.PositionsAt(ctx, at, filter, list)
	}
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

// readTime is the time that is asked about, zero for now.
func readTime(t *timestamppb.Timestamp) (time.Time, error) {
	if t != nil && t.CheckValid() != nil {
		return time.Time{}, rpcerr.Invalid(rpcerr.Field("read_time", "give a time from the year 1 to 9999"))
	}
	return timeFromWire(t), nil
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
