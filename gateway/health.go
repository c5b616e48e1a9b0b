package gateway

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"waybill/tracking"
)

// holdOff is how long after a failure new sources are refused. Then one may try, and finds out for the others.
const holdOff = 2 * time.Second

// health remembers whether the stores failed last.
type health struct {
	failed atomic.Int64 // when, in nanoseconds of Unix time; 0 when the last was a success
}

// note takes in how a message fared. An error that is neither (the source went away, a bug) says nothing about them.
func (h *health) note(err error) {
	switch {
	case err == nil:
		if h.failed.Load() != 0 { // read first: this is on every message's way
			h.failed.Store(0)
		}
	case tracking.IsRetryable(err), errors.Is(err, context.DeadlineExceeded):
		h.failed.Store(time.Now().UnixNano())
	}
}

func (h *health) down(now time.Time) bool {
	failed := h.failed.Load()
	return failed != 0 && now.Sub(time.Unix(0, failed)) < holdOff
}
