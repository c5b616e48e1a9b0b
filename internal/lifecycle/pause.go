package lifecycle

import (
	"context"
	"time"
)

// Pause waits for so long, or until the context ends, and then returns its cause. Without a time to wait it returns at once.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
