package rpc

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// Page sizes of fixes and positions.
const (
	usualFixPage   = 1_000
	largestFixPage = 10_000
)

// Sink takes reports and answers each, in their order, when it is decided.
type Sink interface {
	Deliver(ctx context.Context, reports []tracking.Report) ([]tracking.Outcome, error)
}

// Seen says where things were last seen.
type Seen interface {
	tracking.Positions
	tracking.Fleet
}

// Hub tells of positions as they change: a [tracking.Hub].
type Hub interface {
	Subscribe(filter tracking.Filter) *tracking.Subscription
	Resume(filter tracking.Filter, from tracking.Cursor) (*tracking.Subscription, bool)
}

// Senders knows devices.
type Senders interface {
	// ByUID finds the device with the uid, or [tracking.ErrNotFound]. It may be
	// disabled.
	ByUID(ctx context.Context, uid string) (tracking.Device, error)
}

// FixOptions are what a [FixServer] needs.
type FixOptions struct {
	Sink    Sink
	Senders Senders
	History tracking.History
	Seen    Seen
	Past    tracking.Past
	Hub     Hub
	Log     *slog.Logger
}

// FixServer serves FixService. Close it to end its streams.
type FixServer struct {
	trackingv1.UnimplementedFixServiceServer
	options FixOptions
	watches *WatchServer
	log     *slog.Logger
	closing chan struct{}
	close   func()         // closes closing, once
	readers sync.WaitGroup // one a stream of reports
	// gateways counts the streams of reports that gateways have open.
	gateways atomic.Int64
}

// NewFixServer returns a server over the options.
func NewFixServer(options FixOptions) *FixServer {
	s := &FixServer{
		options: options, log: options.Log, closing: make(chan struct{}),
		watches: NewWatchServer(WatchOptions{Seen: options.Seen, Hub: options.Hub, Log: options.Log}),
	}
	s.close = sync.OnceFunc(func() { close(s.closing) })
	return s
}

// Close ends the streams of reports: what was taken up is answered, the rest is left
// to be sent again. It returns when their goroutines have ended. Streams of positions
// end with their hub.
func (s *FixServer) Close() {
	s.close()
	s.readers.Wait()
}

// WatchPositions sends positions that hold now, then those that change.
func (s *FixServer) WatchPositions(r *trackingv1.WatchPositionsRequest, stream positionStream) error {
	return s.watches.WatchPositions(r, stream)
}

// fixToken is where a page of fixes ends.
type fixToken struct{ After time.Time }

// ListFixes lists the fixes of a device by time.
func (s *FixServer) ListFixes(ctx context.Context, r *trackingv1.ListFixesRequest) (*trackingv1.ListFixesResponse, error) {
	device, err := uidOf(devices, "device", r.GetDevice())
	if err != nil {
		return nil, err
	}
	from, to, err := timeRange(r.GetFromTime(), r.GetToTime())
	if err != nil {
		return nil, err
	}
	var token fixToken
	if err := paging.Decode(r.GetPageToken(), &token); err != nil {
		return nil, rpcerr.From(err)
	}
	size := paging.Size(r.GetPageSize(), usualFixPage, largestFixPage)
	rows, err := s.options.History.FixPage(ctx, tracking.FixQuery{
		Device: device, From: from, To: to, After: token.After, Size: size + 1, Descending: r.GetDescending(),
	})
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetDevice()})
	}
	page, next, err := paging.Cut(rows, size, func(r tracking.Report) any { return fixToken{r.Fix.Time} })
	if err != nil {
		return nil, rpcerr.From(err)
	}
	response := &trackingv1.ListFixesResponse{NextPageToken: next, Fixes: make([]*trackingv1.Fix, len(page))}
	for i, report := range page {
		if response.Fixes[i], err = reportToWire(report); err != nil {
			return nil, answer(ctx, s.log, err, subject{name: r.GetDevice()})
		}
	}
	return response, nil
}
