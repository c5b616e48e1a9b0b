package rpc

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"waybill/internal/lifecycle"
	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

const (
	// watchPage is how many positions go in one message.
	watchPage = 1_000
	// maxWatched bounds the vehicles that one call names.
	maxWatched = 1_000
	// watchPace is how long a reader that names nobody has peace after a message: so
	// it gets ten large messages a second of a large fleet, and not a thousand small
	// ones.
	watchPace = 100 * time.Millisecond
	// presentFor is how long the hub may be behind what the store said of the present.
	presentFor = 10 * time.Second
)

// WatchOptions are what a [WatchServer] needs.
type WatchOptions struct {
	Seen Seen
	Hub  Hub
	Log  *slog.Logger
}

// WatchServer serves WatchPositions of FixService, and nothing else of it: what a
// process can serve that hears of positions and stores none.
type WatchServer struct {
	trackingv1.UnimplementedFixServiceServer
	seen  Seen
	hub   Hub
	log   *slog.Logger
	names *names
}

// NewWatchServer returns a server over the options.
func NewWatchServer(options WatchOptions) *WatchServer {
	return &WatchServer{seen: options.Seen, hub: options.Hub, log: options.Log, names: newNames(options.Seen)}
}

type positionStream = grpc.ServerStreamingServer[trackingv1.WatchPositionsResponse]

// WatchPositions sends positions that hold now, then those that change.
func (s *WatchServer) WatchPositions(r *trackingv1.WatchPositionsRequest, stream positionStream) error {
	filter, err := filterFromWire(r)
	if err != nil {
		return err
	}
	// From here on nothing is missed: what changes while the present is read comes
	// after it.
	subscription, resumed := s.subscribe(filter, r.GetResumeToken())
	defer subscription.Close()
	w := watch{server: s, stream: stream, filter: filter, subscription: subscription}
	if resumed || filter.Own {
		// Something always comes at once, so that a reader knows that it is heard.
		err = w.emit(nil, true)
	} else {
		err = w.sendPresent()
	}
	for err == nil {
		err = w.sendNext()
	}
	if errors.Is(err, tracking.ErrClosed) {
		return rpcerr.New(codes.Unavailable, "SHUTTING_DOWN", "the server is stopping; call again")
	}
	return answer(stream.Context(), s.log, err, subject{name: "positions"})
}

// subscribe goes on where the token says, if that can be, and begins otherwise.
func (s *WatchServer) subscribe(filter tracking.Filter, token string) (subscription *tracking.Subscription, resumed bool) {
	if cursor, ok := cursorOf(token, filter); ok {
		if subscription, ok := s.hub.Resume(filter, cursor); ok {
			return subscription, true
		}
	}
	return s.hub.Subscribe(filter), false
}

func filterFromWire(r *trackingv1.WatchPositionsRequest) (tracking.Filter, error) {
	box, err := boxFromWire(r.GetBox())
	if err != nil {
		return tracking.Filter{}, err
	}
	if len(r.GetVehicles()) > maxWatched {
		return tracking.Filter{}, rpcerr.Invalid(rpcerr.Field("vehicles", fmt.Sprintf("name at most %d, or none for all", maxWatched)))
	}
	filter := tracking.Filter{Box: box, Own: r.GetOwn()}
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
	server       *WatchServer
	stream       positionStream
	filter       tracking.Filter
	subscription *tracking.Subscription
	// present is when the positions are from that the store said, by device; nil when
	// the hub has caught up with it.
	present map[string]time.Time
	until   time.Time // of present
}

func (w *watch) sendPresent() error {
	w.present, w.until = make(map[string]time.Time), time.Now().Add(presentFor)
	page := tracking.Page{Size: watchPage}
	for {
		positions, err := w.server.seen.Positions(w.stream.Context(), w.filter, page)
		if err != nil {
			return err
		}
		w.subscription.Knows(positions)
		w.server.names.learn(positions)
		for _, p := range positions {
			w.present[p.Device] = p.Fix.Time
		}
		last := len(positions) < page.Size
		if err := w.emit(positions, last); err != nil || last {
			return err
		}
		page.After = positions[len(positions)-1].Device
	}
}

func (w *watch) sendNext() error {
	ctx := w.stream.Context()
	positions, err := w.subscription.Next(ctx)
	if err != nil {
		return err
	}
	positions = w.fresh(positions)
	if !w.filter.Own { // who merges them has names of its own
		w.server.names.fill(ctx, positions)
	}
	for {
		n := min(len(positions), watchPage)
		if err := w.emit(positions[:n], n == len(positions)); err != nil {
			return err
		}
		if positions = positions[n:]; len(positions) == 0 {
			break
		}
	}
	if len(w.filter.Vehicles) > 0 || w.filter.Own {
		return nil
	}
	return lifecycle.Pause(ctx, watchPace)
}

// fresh leaves out what is not newer than what the reader has from the store.
func (w *watch) fresh(positions []tracking.Position) []tracking.Position {
	if w.present == nil {
		return positions
	}
	if time.Now().After(w.until) {
		w.present = nil
		return positions
	}
	kept := positions[:0]
	for _, p := range positions {
		if at, ok := w.present[p.Device]; !ok || p.Fix.Time.After(at) {
			kept = append(kept, p)
		}
	}
	return kept
}

// emit sends positions; with complete the reader has all up to where the subscription
// is.
func (w *watch) emit(positions []tracking.Position, complete bool) error {
	wire, err := positionsToWire(positions)
	if err != nil {
		return err
	}
	response := &trackingv1.WatchPositionsResponse{Positions: wire}
	if complete {
		if response.ResumeToken, err = resumeToken(w.subscription.Cursor(), w.filter); err != nil {
			return err
		}
	}
	return w.stream.Send(response)
}
