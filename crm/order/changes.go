package order

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/crm/notice"
)

// ErrTooManyWatchers says that no more watchers are let in: try again later.
var ErrTooManyWatchers = errors.New("too many watchers; try again later")

// Changes wakes those who watch an order when one of its shipments changes, in
// whatever process that happens.
type Changes struct {
	most int

	mu       sync.Mutex
	count    int                            // guarded by mu
	watchers map[string]map[*Watch]struct{} // guarded by mu; by order
}

// NewChanges makes one for so many watchers at most.
func NewChanges(most int) *Changes {
	return &Changes{most: most, watchers: make(map[string]map[*Watch]struct{})}
}

// Run hears what changes until the context ends.
func (c *Changes) Run(ctx context.Context, pool *pgxpool.Pool, logger *slog.Logger) {
	notice.Listener{
		Pool: pool, Channel: ChangesChannel, Logger: logger,
		// What changed while nobody listened is not known.
		Connected: c.wakeAll,
		Heard:     c.Wake,
	}.Run(ctx)
}

// Watch is one watcher's view of an order.
type Watch struct {
	changes *Changes
	order   string
	wake    chan struct{}
}

// C has a token when the order has changed since the last one was taken: however
// often it did, there is one.
func (w *Watch) C() <-chan struct{} { return w.wake }

// Close ends the watch. It may be called more than once.
func (w *Watch) Close() {
	c := w.changes
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, there := c.watchers[w.order][w]; !there {
		return
	}
	delete(c.watchers[w.order], w)
	c.count--
	if len(c.watchers[w.order]) == 0 {
		delete(c.watchers, w.order)
	}
}

// Watch starts to watch an order by its id, or fails with [ErrTooManyWatchers]. Close
// it when done with it.
func (c *Changes) Watch(order string) (*Watch, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count >= c.most {
		return nil, ErrTooManyWatchers
	}
	w := &Watch{changes: c, order: order, wake: make(chan struct{}, 1)}
	if c.watchers[order] == nil {
		c.watchers[order] = make(map[*Watch]struct{})
	}
	c.watchers[order][w] = struct{}{}
	c.count++
	return w, nil
}

// Wake wakes the watchers of an order.
func (c *Changes) Wake(order string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for w := range c.watchers[order] {
		w.signal()
	}
}

func (c *Changes) wakeAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, watchers := range c.watchers {
		for w := range watchers {
			w.signal()
		}
	}
}

func (w *Watch) signal() {
	select {
	case w.wake <- struct{}{}:
	default: // it is awake already
	}
}
