package order

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/crm"
	"waybill/crm/notice"
)

// ErrTooManyWatchers says that no more watchers are let in: try again later.
var ErrTooManyWatchers = errors.New("too many watchers; try again later")

// Changes wakes those who watch an order, or all orders of a customer, when one of the
// shipments changes, in whatever process that happens.
type Changes struct {
	most int

	mu       sync.Mutex
	count    int                            // guarded by mu
	watchers map[string]map[*Watch]struct{} // guarded by mu; by resource name of the order or customer
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
		Heard: func(payload string) {
			id, customer, _ := strings.Cut(payload, " ")
			c.Wake(id, customer)
		},
	}.Run(ctx)
}

// Watch is one watcher's view of an order or a customer.
type Watch struct {
	changes *Changes
	name    string
	wake    chan struct{}
}

// C has a token when something has changed since the last one was taken: however
// often it did, there is one.
func (w *Watch) C() <-chan struct{} { return w.wake }

// Close ends the watch. It may be called more than once.
func (w *Watch) Close() {
	c := w.changes
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, there := c.watchers[w.name][w]; !there {
		return
	}
	delete(c.watchers[w.name], w)
	c.count--
	if len(c.watchers[w.name]) == 0 {
		delete(c.watchers, w.name)
	}
}

// Watch starts to watch an order by its id, or fails with [ErrTooManyWatchers]. Close
// it when done with it.
func (c *Changes) Watch(order string) (*Watch, error) { return c.watch(crm.OrderName(order)) }

// WatchCustomer starts to watch all orders of a customer by its id, as Watch does one.
func (c *Changes) WatchCustomer(customer string) (*Watch, error) {
	return c.watch(crm.CustomerName(customer))
}

func (c *Changes) watch(name string) (*Watch, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count >= c.most {
		return nil, ErrTooManyWatchers
	}
	w := &Watch{changes: c, name: name, wake: make(chan struct{}, 1)}
	if c.watchers[name] == nil {
		c.watchers[name] = make(map[*Watch]struct{})
	}
	c.watchers[name][w] = struct{}{}
	c.count++
	return w, nil
}

// Wake wakes the watchers of an order and those of its customer, by their ids.
func (c *Changes) Wake(order, customer string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range []string{crm.OrderName(order), crm.CustomerName(customer)} {
		for w := range c.watchers[name] {
			w.signal()
		}
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
