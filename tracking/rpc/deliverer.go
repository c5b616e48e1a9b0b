package rpc

import (
	"context"
	"fmt"
	"sync"

	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// deliverer sends reports over one stream, which it opens again when it has broken.
type deliverer struct {
	client trackingv1.FixServiceClient
	ctx    context.Context // the life of the streams, which no single call owns
	cancel context.CancelFunc
	// running are the goroutines of streams.
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool        // guarded by mu
	stream *sendStream // guarded by mu; nil before the first
}

func newDeliverer(client trackingv1.FixServiceClient) *deliverer {
	ctx, cancel := context.WithCancel(context.Background())
	return &deliverer{client: client, ctx: ctx, cancel: cancel}
}

// Deliver sends the reports and waits until each is answered. When the stream breaks
// meanwhile, those without an answer are [tracking.Retry]. It fails when none could be
// sent, with [tracking.ErrUnavailable] or the context's error; nothing is decided then.
func (d *deliverer) Deliver(ctx context.Context, reports []tracking.Report) ([]tracking.Outcome, error) {
	call := newDelivery(len(reports))
	requests := make([]*trackingv1.IngestFixesRequest, 0, len(reports))
	indices := make([]int, 0, len(reports))
	for i, report := range reports {
		request, refused := requestOf(report)
		if refused != nil {
			call.outcomes[i] = *refused
			continue
		}
		requests, indices = append(requests, request), append(indices, i)
	}
	if len(requests) == 0 {
		return call.outcomes, nil
	}
	stream, err := d.open() //nolint:contextcheck // the stream outlives the call that opens it
	if err != nil {
		return nil, err
	}
	if err := stream.enqueue(ctx, call, requests, indices); err != nil {
		return nil, err
	}
	select {
	case <-call.done:
		return call.outcomes, nil
	case <-ctx.Done():
		// Outcomes may still be written to by the stream: they are not ours any more.
		return nil, ctx.Err()
	}
}

// requestOf refuses here what the other side would refuse: what can't even be sent
// (a text that is not UTF-8) would break the stream for all.
func requestOf(report tracking.Report) (*trackingv1.IngestFixesRequest, *tracking.Outcome) {
	if tracking.CheckUID("device", report.Device) != nil {
		return nil, rejected(tracking.ReasonUnknownDevice, fmt.Sprintf("no device is named %q", report.Device))
	}
	if _, refused := tracking.Validate(report, 0); refused != nil {
		return nil, refused
	}
	fix, err := reportToWire(report)
	if err != nil {
		return nil, rejected(tracking.ReasonValue, err.Error())
	}
	return &trackingv1.IngestFixesRequest{Device: resourceName(devices, report.Device), Fix: fix}, nil
}

// Close ends the stream and waits for it. What is under way is undecided.
func (d *deliverer) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.cancel()
	d.running.Wait()
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
	client, err := d.client.IngestFixes(ctx)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("%w: open the stream of reports: %w", tracking.ErrUnavailable, err)
	}
	d.stream = newSendStream(client, cancel)
	d.running.Go(d.stream.send)
	d.running.Go(d.stream.receive)
	return d.stream, nil
}
