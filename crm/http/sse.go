package crmhttp

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"time"

	"google.golang.org/grpc/codes"

	"waybill/internal/rpcerr"
)

const (
	// writeWithin is how long a reader may take to take an event. One that is slower
	// is cut off, and finds the present state when it comes back.
	writeWithin = 10 * time.Second
	// comeBackAfter is what browsers are asked to wait before they reconnect.
	comeBackAfter = 2 * time.Second
)

// eventStream writes Server-Sent Events.
type eventStream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// openStream answers the reader with a stream. The error is for the caller's log: the
// answer has been given. Call release when the stream ends.
func (h *Handler) openStream(w http.ResponseWriter, reader string) (stream *eventStream, release func(), err error) {
	release, ok := h.streams.open(reader)
	if !ok {
		w.Header().Set("Retry-After", "10")
		writeError(w, rpcerr.New(codes.Unavailable, "TOO_MANY_STREAMS", "too many live streams are open; try again in a moment"))
		return nil, nil, errors.New("too many live streams are open")
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	// A proxy that collects answers would hold events back.
	header.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	s := &eventStream{w: w, control: http.NewResponseController(w)}
	if err := s.write(fmt.Appendf(nil, "retry: %d\n\n", comeBackAfter.Milliseconds())); err != nil {
		release()
		return nil, nil, err
	}
	return s, release, nil
}

// event sends an event; name and id may be empty, data must be one line.
func (s *eventStream) event(name, id string, data []byte) error {
	var b bytes.Buffer
	if name != "" {
		fmt.Fprintf(&b, "event: %s\n", name)
	}
	if id != "" {
		fmt.Fprintf(&b, "id: %s\n", id)
	}
	b.WriteString("data: ")
	b.Write(data)
	b.WriteString("\n\n")
	return s.write(b.Bytes())
}

// beat shows that the stream is there.
func (s *eventStream) beat() error { return s.write([]byte(": beat\n\n")) }

func (s *eventStream) write(b []byte) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("set a deadline: %w", err)
	}
	if _, err := s.w.Write(b); err != nil {
		return fmt.Errorf("write an event: %w", err)
	}
	if err := s.control.Flush(); err != nil {
		return fmt.Errorf("send an event: %w", err)
	}
	// Over HTTP/2 a deadline that passes ends a stream that merely has nothing to say.
	if err := s.control.SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("lift a deadline: %w", err)
	}
	return nil
}

// unavailable says that it is our fault and will pass.
func unavailable() error {
	return rpcerr.New(codes.Unavailable, "STORE_UNAVAILABLE", "it can't be looked up now; try again in a moment")
}
