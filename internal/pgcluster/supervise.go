package pgcluster

import (
	"context"
	"fmt"
	"time"
)

const (
	firstBackOff = 100 * time.Millisecond
	mostBackOff  = 10 * time.Second
)

// supervise restarts PostgreSQL when its postmaster dies. (When only a backend
// dies, the postmaster itself recovers.)
func (c *Cluster) supervise(ctx context.Context) {
	defer close(c.done)
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if _, ok := c.server.layout.postmaster(); ok {
			continue
		}
		c.setDown(ErrDown)
		c.logger.ErrorContext(ctx, "database died; restarting it", "log", c.server.layout.log())
		if !c.restart(ctx) {
			return
		}
		c.setDown(nil)
		c.logger.InfoContext(ctx, "database is up again")
	}
}

// restart tries until it works: orphaned backends hold the shared memory for a
// moment, and a full disk may be full for a while. It is false when ctx ended.
func (c *Cluster) restart(ctx context.Context) bool {
	for wait := firstBackOff; ; wait = min(2*wait, mostBackOff) {
		_, err := c.server.start(ctx)
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		c.setDown(fmt.Errorf("%w: %w", ErrDown, err))
		c.logger.WarnContext(ctx, "database does not start yet", "error", err, "retry_in", wait)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return false
		case <-timer.C:
		}
	}
}
