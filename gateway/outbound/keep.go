package outbound

import (
	"context"
	"time"
)

// broken notes that the store did not answer.
func (d *Dispatcher) broken(ctx context.Context, what string, err error) {
	d.contact = time.Time{}
	if ctx.Err() == nil {
		d.log.WarnContext(ctx, "the queue of texts could not be used", "doing", what, "error", err)
	}
}

// keep renews the claims, and ends what has come to its end by time, some times in a lease.
func (d *Dispatcher) keep(ctx context.Context) {
	now := time.Now()
	if now.Sub(d.renewed) < d.cfg.Lease/6 {
		return
	}
	d.renewed = now
	if err := d.queue.Renew(ctx, d.owner, d.cfg.Lease); err != nil {
		d.broken(ctx, "renew the claims", err)
		return
	}
	if d.contact.IsZero() {
		d.contact = now
	}
	// After the store was away nobody's claims are renewed yet: the others get their time.
	swept, err := d.queue.Sweep(ctx, now, now.Sub(d.contact) > d.cfg.Lease)
	if err != nil {
		d.broken(ctx, "sweep", err)
		return
	}
	for state, n := range swept {
		d.metrics.swept.WithLabelValues(string(state)).Add(float64(n))
	}
	depths, err := d.queue.Depths(ctx)
	if err != nil {
		d.broken(ctx, "count", err)
		return
	}
	d.metrics.depth(depths, now)
}

// lingering is a context that ends a while after the other.
func lingering(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-longer.Done():
		}
	})
	return longer, func() { stop(); cancel() }
}
