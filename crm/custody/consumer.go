package custody

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/crm/notice"
	"waybill/crm/order"
	"waybill/internal/database"
	"waybill/tracking"
)

// OutboxChannel is the channel of notifications on which tracking says that there
// are transitions.
const OutboxChannel = "transition_outbox"

const (
	defaultBatch = 500
	defaultPoll  = 5 * time.Second
)

// Orders is what follows from transitions; [order.Store] is it.
type Orders interface {
	// Reserve comes before the transaction in which Follow runs.
	Reserve(ctx context.Context) (release func(), err error)
	// Follow derives anew what follows from the visits of a vehicle in the span, and
	// returns the orders that changed.
	Follow(ctx context.Context, tx pgx.Tx, vehicle string, span order.Span) ([]string, error)
}

// Consumer empties the outbox.
type Consumer struct {
	pool    *pgxpool.Pool
	orders  Orders
	logger  *slog.Logger
	metrics *Metrics
	batch   int
	poll    time.Duration

	// wake holds a token while there may be something to do.
	wake chan struct{}
	// failed is owned by Run.
	failed failures
}

// Option sets something of a [Consumer].
type Option func(*Consumer)

// WithBatch sets how many transitions of a vehicle one transaction takes at most;
// 500 without it.
func WithBatch(n int) Option { return func(c *Consumer) { c.batch = n } }

// WithPoll sets how often the outbox is looked at though nobody said that there is
// something; 5 s without it.
func WithPoll(d time.Duration) Option { return func(c *Consumer) { c.poll = d } }

// WithMetrics sets where to count.
func WithMetrics(m *Metrics) Option { return func(c *Consumer) { c.metrics = m } }

// NewConsumer makes a consumer; Run starts it.
func NewConsumer(pool *pgxpool.Pool, orders Orders, logger *slog.Logger, options ...Option) *Consumer {
	c := &Consumer{
		pool: pool, orders: orders, logger: logger, batch: defaultBatch, poll: defaultPoll,
		wake: make(chan struct{}, 1), failed: failures{},
	}
	for _, option := range options {
		option(c)
	}
	if c.metrics == nil {
		c.metrics = NewMetrics()
	}
	return c
}

// Run empties the outbox again and again until the context ends, and returns when
// everything that it started has ended.
func (c *Consumer) Run(ctx context.Context) {
	var listening sync.WaitGroup
	defer listening.Wait()
	listening.Go(func() {
		signal := func() {
			select {
			case c.wake <- struct{}{}:
			default: // it is awake already
			}
		}
		notice.Listener{
			Pool: c.pool, Channel: OutboxChannel, Logger: c.logger,
			Connected: signal, Heard: func(string) { signal() },
		}.Run(ctx)
	})
	away := 0 // how often in a row nothing could be done at all
	for ctx.Err() == nil {
		wait := c.poll
		if err := c.Drain(ctx); err != nil && ctx.Err() == nil {
			away++
			wait = backOff(away)
			c.logger.WarnContext(ctx, "can't take transitions now", "error", err, "retry_in", wait)
		} else {
			away = 0
			wait = min(wait, c.failed.next(time.Now()))
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-c.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Drain takes all transitions that are there and that nobody else works on. What
// can't be done for one vehicle is logged, counted, and tried again later, and holds
// up no other; the error is about what holds up all.
func (c *Consumer) Drain(ctx context.Context) error {
	var busy []string
	for {
		now := time.Now()
		taken, err := c.take(ctx, append(c.failed.waiting(now), busy...))
		switch {
		case err == nil && !taken.found:
			c.failed.forgetDue(now)
			c.metrics.blocked.Set(float64(len(c.failed)))
			return nil
		case err == nil && taken.busy:
			// Another consumer has it, and will take what we saw or be woken for it.
			busy = append(busy, taken.vehicle)
		case err == nil:
			c.succeeded(ctx, taken)
		case !taken.found || ctx.Err() != nil || database.IsRetryable(err) || tracking.IsRetryable(err):
			return err
		default:
			c.blocked(ctx, taken.vehicle, err)
		}
	}
}

func (c *Consumer) succeeded(ctx context.Context, taken taken) {
	c.failed.forget(taken.vehicle)
	c.metrics.blocked.Set(float64(len(c.failed)))
	c.metrics.taken.Add(float64(taken.count))
	if len(taken.changed) > 0 {
		c.logger.DebugContext(ctx, "orders followed a vehicle", "vehicle", taken.vehicle, "orders", taken.changed)
	}
}

func (c *Consumer) blocked(ctx context.Context, vehicle string, err error) {
	wait := c.failed.add(vehicle, time.Now())
	c.metrics.failed.Inc()
	c.metrics.blocked.Set(float64(len(c.failed)))
	c.logger.ErrorContext(ctx, "can't follow a vehicle's transitions; they stay in the outbox",
		"vehicle", vehicle, "attempts", c.failed[vehicle].attempts, "error", err, "retry_in", wait)
}
