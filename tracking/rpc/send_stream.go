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

// place is where the answer to a report belongs.
type place struct {
	call  *delivery
	index int
}

type reportStream = grpc.BidiStreamingClient[trackingv1.IngestFixesRequest, trackingv1.IngestFixesResponse]

// sendStream is one stream of reports and their answers.
type sendStream struct {
	client reportStream
	cancel context.CancelFunc
	queue  chan *trackingv1.IngestFixesRequest
	// ended is closed when the stream is of no more use.
	ended chan struct{}

	mu       sync.Mutex
	sequence uint64           // guarded by mu
	pending  map[uint64]place // guarded by mu; nil when the stream has ended
	answered bool             // guarded by mu; an answer came
	cause    error            // guarded by mu; why it has ended
}

func newSendStream(client reportStream, cancel context.CancelFunc) *sendStream {
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

// enqueue hands the delivery to the sender. It fails when none of it was sent for
// sure; otherwise the delivery will be done: when all is answered that was sent until
// the context ended, or when the stream breaks.
func (s *sendStream) enqueue(ctx context.Context, call *delivery) error {
	if err := s.expect(call); err != nil {
		return err
	}
	for i, request := range call.requests {
		select {
		case s.queue <- request:
		case <-s.ended: // which has ended the call as well
			return nil
		case <-ctx.Done():
			s.forget(call, i)
			return nil
		}
	}
	return nil
}

// expect numbers the requests and notes where their answers belong.
func (s *sendStream) expect(call *delivery) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending == nil {
		return fmt.Errorf("%w: the stream of reports broke: %w", tracking.ErrUnavailable, s.cause)
	}
	call.left = len(call.requests)
	for i, request := range call.requests {
		s.sequence++
		request.Sequence = s.sequence
		s.pending[s.sequence] = place{call, call.indices[i]}
	}
	return nil
}

// forget expects no answer to what will not be sent: the requests from the first on.
func (s *sendStream) forget(call *delivery, first int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, request := range call.requests[first:] {
		if _, ok := s.pending[request.GetSequence()]; ok {
			delete(s.pending, request.GetSequence())
			n++
		}
	}
	call.settle(n)
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

// receive runs until the stream has ended, and says whether an answer ever came.
func (s *sendStream) receive() (answered bool) {
	for {
		answer, err := s.client.Recv()
		if err != nil {
			return s.end(err)
		}
		s.settle(answer)
	}
}

// settle passes over an answer that nobody expects.
func (s *sendStream) settle(answer *trackingv1.IngestFixesResponse) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answered = true
	where, ok := s.pending[answer.GetSequence()]
	if !ok {
		return
	}
	delete(s.pending, answer.GetSequence())
	where.call.outcomes[where.index] = outcomeFromWire(answer)
	where.call.settle(1)
}

// end leaves what has no answer undecided.
func (s *sendStream) end(cause error) (answered bool) {
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending == nil {
		return s.answered
	}
	for _, where := range s.pending {
		where.call.outcomes[where.index] = tracking.Outcome{
			Kind: tracking.Retry, Detail: "the connection to tracking broke before the answer came",
		}
		where.call.settle(1)
	}
	s.pending, s.cause = nil, cause
	close(s.ended)
	return s.answered
}
