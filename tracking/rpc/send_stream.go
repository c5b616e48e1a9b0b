package rpc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"google.golang.org/grpc"

	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// maxQueued is how many reports wait to be sent; then callers wait.
const maxQueued = 1_000

// delivery is one call of Deliver.
type delivery struct {
	// outcomes are written by the stream until done is closed, and are the caller's
	// from then on.
	outcomes []tracking.Outcome
	done     chan struct{}
	left     int // guarded by the stream's mu
}

func newDelivery(size int) *delivery {
	return &delivery{outcomes: make([]tracking.Outcome, size), done: make(chan struct{})}
}

// place is where the answer to a report belongs.
type place struct {
	call  *delivery
	index int
}

// sendStream is one stream of reports and their answers.
type sendStream struct {
	client grpc.BidiStreamingClient[trackingv1.IngestFixesRequest, trackingv1.IngestFixesResponse]
	cancel context.CancelFunc
	queue  chan *trackingv1.IngestFixesRequest
	// ended is closed when the stream is of no more use.
	ended chan struct{}

	mu       sync.Mutex
	sequence uint64           // guarded by mu
	pending  map[uint64]place // guarded by mu; nil when the stream has ended
	cause    error            // guarded by mu; why it has ended
}

func newSendStream(
	client grpc.BidiStreamingClient[trackingv1.IngestFixesRequest, trackingv1.IngestFixesResponse], cancel context.CancelFunc,
) *sendStream {
	return &sendStream{
		client: client, cancel: cancel,
		queue:   make(chan *trackingv1.IngestFixesRequest, maxQueued),
		ended:   make(chan struct{}),
		pending: make(map[uint64]place),
	}
}

func (s *sendStream) broken() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// enqueue hands the requests to the sender. It fails when none of them was sent for
// sure, or the context ended; otherwise the call will be done.
func (s *sendStream) enqueue(ctx context.Context, call *delivery, requests []*trackingv1.IngestFixesRequest, indices []int) error {
	if err := s.expect(call, requests, indices); err != nil {
		return err
	}
	for i, request := range requests {
		select {
		case s.queue <- request:
		case <-s.ended: // which has ended the call as well
			return nil
		case <-ctx.Done():
			s.forget(requests[i:])
			return ctx.Err()
		}
	}
	return nil
}

// expect numbers the requests and notes where their answers belong.
func (s *sendStream) expect(call *delivery, requests []*trackingv1.IngestFixesRequest, indices []int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending == nil {
		return fmt.Errorf("%w: the stream of reports broke: %w", tracking.ErrUnavailable, s.cause)
	}
	call.left = len(requests)
	for i, request := range requests {
		s.sequence++
		request.Sequence = s.sequence
		s.pending[s.sequence] = place{call, indices[i]}
	}
	return nil
}

// forget expects no answer to what will not be sent.
func (s *sendStream) forget(requests []*trackingv1.IngestFixesRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, request := range requests {
		delete(s.pending, request.GetSequence())
	}
}

// send runs until the stream has ended.
func (s *sendStream) send() {
	for {
		select {
		case <-s.ended:
			return
		case request := <-s.queue:
			err := s.client.Send(request)
			if errors.Is(err, io.EOF) {
				return // the receiver learns why
			}
			if err != nil {
				s.end(err)
				return
			}
		}
	}
}

// receive runs until the stream has ended.
func (s *sendStream) receive() {
	for {
		answer, err := s.client.Recv()
		if err != nil {
			s.end(err)
			return
		}
		s.settle(answer)
	}
}

// settle passes over an answer that nobody expects.
func (s *sendStream) settle(answer *trackingv1.IngestFixesResponse) {
	s.mu.Lock()
	defer s.mu.Unlock()
	where, ok := s.pending[answer.GetSequence()]
	if !ok {
		return
	}
	delete(s.pending, answer.GetSequence())
	where.call.outcomes[where.index] = outcomeFromWire(answer)
	if where.call.left--; where.call.left == 0 {
		close(where.call.done)
	}
}

// end leaves what has no answer undecided.
func (s *sendStream) end(cause error) {
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending == nil {
		return
	}
	for _, where := range s.pending {
		where.call.outcomes[where.index] = tracking.Outcome{
			Kind: tracking.Retry, Detail: "the connection to tracking broke before the answer came",
		}
		if where.call.left--; where.call.left == 0 {
			close(where.call.done)
		}
	}
	s.pending, s.cause = nil, cause
	close(s.ended)
}
