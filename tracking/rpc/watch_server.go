package rpc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

const (
	// watchPage is how many positions go in one message.
	watchPage = 1_000
	// maxWatched bounds the vehicles that one call names.
	maxWatched = 1_000
)

// WatchPositions sends positions that hold now, then those that change.
func (s *FixServer) WatchPositions(r *trackingv1.WatchPositionsRequest, stream grpc.ServerStreamingServer[trackingv1.WatchPositionsResponse]) error {
	filter, err := filterFromWire(r)
	if err != nil {
		return err
	}
	// From here on nothing is missed; what changes while the present is read comes
	// after it, and what is older than what was sent is left out.
	subscription := s.options.Hub.Subscribe(filter)
	defer subscription.Close()
	w := watch{server: s, stream: stream, sent: make(map[string]shown)}
	if err := w.sendPresent(filter); err != nil {
		return answer(stream.Context(), s.log, err, subject{name: "positions"})
	}
	for {
		positions, err := subscription.Next(stream.Context())
		if errors.Is(err, tracking.ErrClosed) {
			return rpcerr.New(codes.Unavailable, "SHUTTING_DOWN", "the server is stopping; call again")
		}
		if err == nil {
			err = w.send(positions)
		}
		if err != nil {
			return answer(stream.Context(), s.log, err, subject{name: "positions"})
		}
	}
}

func filterFromWire(r *trackingv1.WatchPositionsRequest) (tracking.Filter, error) {
	box, err := boxFromWire(r.GetBox())
	if err != nil {
		return tracking.Filter{}, err
	}
	if len(r.GetVehicles()) > maxWatched {
		return tracking.Filter{}, rpcerr.Invalid(rpcerr.Field("vehicles", fmt.Sprintf("name at most %d, or none for all", maxWatched)))
	}
	filter := tracking.Filter{Box: box}
	for i, name := range r.GetVehicles() {
		uid, err := uidOf(vehicles, fmt.Sprintf("vehicles[%d]", i), name)
		if err != nil {
			return tracking.Filter{}, err
		}
		filter.Vehicles = append(filter.Vehicles, uid)
	}
	return filter, nil
}

// watch is one call of WatchPositions.
type watch struct {
	server *FixServer
	stream grpc.ServerStreamingServer[trackingv1.WatchPositionsResponse]
	sent   map[string]shown // by device
}

// shown is what was said of a device.
type shown struct {
	at            time.Time
	vehicle, name string
}

// sendPresent always sends something, so that a reader knows when it has everything.
func (w *watch) sendPresent(filter tracking.Filter) error {
	page := tracking.Page{Size: watchPage}
	for {
		positions, err := w.server.options.Seen.Positions(w.stream.Context(), filter, page)
		if err != nil {
			return err
		}
		for _, p := range positions {
			w.sent[p.Device] = shown{p.Fix.Time, p.Vehicle, p.DisplayName}
		}
		if err := w.emit(positions); err != nil {
			return err
		}
		if len(positions) < page.Size {
			return nil
		}
		page.After = positions[len(positions)-1].Device
	}
}

func (w *watch) send(positions []tracking.Position) error {
	changed := make([]tracking.Position, 0, len(positions))
	for _, p := range positions {
		known, ok := w.sent[p.Device]
		if ok && !p.Fix.Time.After(known.at) {
			continue
		}
		if p.DisplayName == "" {
			p.DisplayName = known.name
		}
		if !ok || known.vehicle != p.Vehicle {
			p.DisplayName = w.nameOf(w.stream.Context(), p)
		}
		w.sent[p.Device] = shown{p.Fix.Time, p.Vehicle, p.DisplayName}
		changed = append(changed, p)
	}
	for len(changed) > 0 {
		n := min(len(changed), watchPage)
		if err := w.emit(changed[:n]); err != nil {
			return err
		}
		changed = changed[n:]
	}
	return nil
}

// nameOf asks once for what the hub doesn't say. A name is not worth the stream: when
// it can't be had, the uid stands for it.
func (w *watch) nameOf(ctx context.Context, p tracking.Position) string {
	find, uid := w.server.options.Seen.DevicePosition, p.Device
	if p.Vehicle != "" {
		find, uid = w.server.options.Seen.Position, p.Vehicle
	}
	stored, err := find(ctx, uid)
	if err != nil || stored.DisplayName == "" {
		return uid
	}
	return stored.DisplayName
}

func (w *watch) emit(positions []tracking.Position) error {
	wire, err := positionsToWire(positions)
	if err != nil {
		return err
	}
	return w.stream.Send(&trackingv1.WatchPositionsResponse{Positions: wire})
}
