package watch

import (
	"context"
	"slices"
	"time"
)

// How the store is tried: one call may take so long, and after a failure it is left alone for so long.
const (
	storePatience = 5 * time.Second
	storeRetry    = time.Second
)

// store has the rows follow until the context ends; what is not stored then is found again at the next start.
func (w *Watch) store(ctx context.Context) {
	retry := time.NewTimer(0)
	defer retry.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
			if failing {
				continue // The timer runs.
			}
		case <-retry.C:
		}
		err := w.follow(ctx)
		if err != nil && ctx.Err() == nil {
			if !failing {
				w.cfg.Logger.WarnContext(ctx, "alerts of modems can't be stored now; they follow", "error", err)
			}
			retry.Reset(storeRetry)
		}
		failing = err != nil
	}
}

// follow stores what is pending.
func (w *Watch) follow(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storePatience)
	defer cancel()
	if err := w.adopt(ctx); err != nil {
		return err
	}
	w.mu.Lock()
	changes, dropped := slices.Clone(w.pending), w.dropped
	w.mu.Unlock()
	if len(changes) == 0 {
		return nil
	}
	if err := w.cfg.Store.RecordAlerts(ctx, changes); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	// The bound may have taken some of them meanwhile.
	w.pending = slices.Delete(w.pending, 0, max(0, len(changes)-(w.dropped-dropped)))
	return nil
}

// adopt takes over what held when this gateway last ran. What it holds of a modem that is not there goes on, because
// nobody has seen the end of it: until somebody has acknowledged it, or the settings have no such modem any more.
func (w *Watch) adopt(ctx context.Context) error {
	w.mu.Lock()
	adopted := w.adopted
	w.mu.Unlock()
	if adopted {
		return nil
	}
	open, err := w.cfg.Store.OpenAlerts(ctx, w.cfg.Gateway)
	if err != nil {
		return err
	}
	there := make(map[string]bool)
	for _, m := range w.cfg.Pool.Modems() {
		there[m.Name()] = true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.adopted = true
	for _, alert := range open {
		k := key{alert.Modem, alert.Condition}
		if there[alert.Modem] || alert.Acknowledged.IsZero() && w.cfg.Pool.Covers(alert.Path) {
			w.held[k] = alert // It began when it began.
			if !there[alert.Modem] {
				w.gauge.WithLabelValues(alert.Modem, string(alert.Condition)).Set(1)
			}
			continue
		}
		alert.Closed = time.Now().UTC()
		w.pending = append(w.pending, alert)
	}
	return nil
}
