package rpc

import (
	"context"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc/connectivity"

	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// deliverer sends reports to one process over one stream, which it opens again when it
// has broken.
type deliverer struct {
	name       string
	connection Connection
	fixes      trackingv1.FixServiceClient
	ctx        context.Context // the life of the streams, which no single call owns
	cancel     context.CancelFunc
	// running are the goroutines of streams and that of the state.
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool        // guarded by mu
	stream *sendStream // guarded by mu; nil before the first
	doubt  doubt
}

// doubt is about a process whose last streams broke without an answer: it is passed
// over for a while, and longer each time.
type doubt struct {
	mu    sync.Mutex
	until time.Time     // guarded by mu
	pause time.Duration // guarded by mu
}

func (d *doubt) holds(now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return now.Before(d.until)
}

// note notes how a stream has ended.
func (d *doubt) note(answered bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if answered {
		d.pause = 0
		return
	}
	d.pause = min(max(2*d.pause, firstPause), longestPause)
	d.until = time.Now().Add(d.pause)
}

func newDeliverer(process Process) *deliverer {
	d := &deliverer{name: process.Name, connection: process.Connection, fixes: trackingv1.NewFixServiceClient(process.Connection)}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// watch calls changed whenever the process may have become reachable or not, and keeps
// the connection from going idle, until close.
func (d *deliverer) watch(changed func()) {
	for {
		state := d.connection.GetState()
		if state == connectivity.Idle {
			d.connection.Connect()
		}
		changed()
		if !d.connection.WaitForStateChange(d.ctx, state) {
			return
		}
	}
}

// reach says how good it looks that the process takes reports.
func (d *deliverer) reach(now time.Time) reach {
	if d.connection.GetState() != connectivity.Ready {
		return away
	}
	if d.doubt.holds(now) {
		return doubtful
	}
	return reachable
}

// start sends a delivery, which will be done. With an error nothing of it was sent.
func (d *deliverer) start(ctx context.Context, call *delivery) error {
	stream, err := d.open() //nolint:contextcheck // the stream outlives the call that opens it
	if err != nil {
		return err
	}
	return stream.enqueue(ctx, call)
}

// open gives the stream that works, or a new one.
func (d *deliverer) open() (*sendStream, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, tracking.ErrClosed
	}
	if d.stream != nil && !d.stream.broken() {
		return d.stream, nil
	}
	ctx, cancel := context.WithCancel(d.ctx)
	client, err := d.fixes.IngestFixes(ctx)
	if err != nil {
		cancel()
		d.doubt.note(false)
		return nil, fmt.Errorf("%w: open the stream of reports: %w", tracking.ErrUnavailable, err)
	}
	stream := newSendStream(client, cancel)
	d.stream = stream
	d.running.Go(stream.send)
	d.running.Go(func() { d.doubt.note(stream.receive()) })
	return stream, nil
}

// close ends the stream and waits for it. What is under way is undecided.
func (d *deliverer) close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.cancel()
	d.running.Wait()
}
