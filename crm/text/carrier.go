package text

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/crm/interaction"
	"waybill/crm/notice"
	"waybill/crm/optout"
	"waybill/internal/lifecycle"
)

const (
	// pollEvery is how often the outbox is looked at even when nobody said anything.
	pollEvery = 5 * time.Second
	// askPatience bounds one question to the gateway: a row is locked meanwhile.
	askPatience = 10 * time.Second
	// firstRetry to lastRetry, growing, is how long a text waits that the gateway could
	// not take.
	firstRetry = 200 * time.Millisecond
	lastRetry  = 30 * time.Second
)

// Carrier hands what is queued to the gateway. Several may run at once.
type Carrier struct {
	pool    *pgxpool.Pool
	gateway Gateway
	logger  *slog.Logger
	metrics *Metrics
	wake    chan struct{}
}

// NewCarrier makes a carrier; Run starts it.
func NewCarrier(pool *pgxpool.Pool, gateway Gateway, logger *slog.Logger, metrics *Metrics) *Carrier {
	return &Carrier{pool: pool, gateway: gateway, logger: logger, metrics: metrics, wake: make(chan struct{}, 1)}
}

// Run empties the outbox again and again until the context ends, and returns when
// everything that it started has ended.
func (c *Carrier) Run(ctx context.Context) {
	var listening sync.WaitGroup
	defer listening.Wait()
	listening.Go(func() {
		signal := func() {
			select {
			case c.wake <- struct{}{}:
			default: // it is awake already
			}
		}
		notice.Listener{Pool: c.pool, Channel: Channel, Logger: c.logger, Connected: signal, Heard: func(string) { signal() }}.Run(ctx)
	})
	for failures := 0; ctx.Err() == nil; {
		err := c.Drain(ctx)
		if err != nil && ctx.Err() == nil {
			c.logger.WarnContext(ctx, "texts to people wait", "error", err, "retry_in", retryAfter(failures))
			_ = lifecycle.Pause(ctx, retryAfter(failures))
			failures++
			continue
		}
		failures = 0
		timer := time.NewTimer(pollEvery)
		select {
		case <-ctx.Done():
		case <-c.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// retryAfter is how long to wait after so many failures.
func retryAfter(failures int) time.Duration {
	const doublings = 8 // of the first, until it is more than the last
	return min(firstRetry<<min(failures, doublings), lastRetry)
}

// Drain hands over all that is due and that nobody else works on, replies first. A
// text that the gateway can't take now waits for its next time; the error is why.
func (c *Carrier) Drain(ctx context.Context) error {
	for {
		found, err := c.next(ctx)
		if err != nil {
			return err
		}
		if !found {
			return c.count(ctx)
		}
	}
}

// queued is a row of the outbox with what it is about.
type queued struct {
	Outgoing

	interaction int64
	task        task
	name        string
	attempts    int
	expired     bool
}

// next does the next task, and says whether there was one.
func (c *Carrier) next(ctx context.Context) (found bool, err error) {
	var away error
	err = pgx.BeginFunc(ctx, c.pool, func(tx pgx.Tx) error {
		var q queued
		err := tx.QueryRow(ctx, `
			select o.interaction, o.task, o.attempts, o.expire_time, o.expire_time <= now(), i.request_id, i.number, i.body, i.text_name
			from crm.text_outbox o join crm.interaction i on i.id = o.interaction
			where o.next_time <= now()
			order by o.task = 'reply' desc, o.next_time, o.interaction
			limit 1 for update of o skip locked`).
			Scan(&q.interaction, &q.task, &q.attempts, &q.Expire, &q.expired, &q.RequestID, &q.To, &q.Body, &q.name)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the outbox: %w", err)
		}
		found = true
		outcome, err := c.do(ctx, tx, &q)
		if err != nil {
			away = err
			return c.postpone(ctx, tx, q)
		}
		return c.done(ctx, tx, q, outcome)
	})
	return found, errors.Join(err, away)
}

// do asks the gateway, and returns what became of it. An error says that it is to be
// asked again.
func (c *Carrier) do(ctx context.Context, tx pgx.Tx, q *queued) (interaction.Outcome, error) {
	ask, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	switch {
	case q.task == taskRecall:
		err := c.gateway.Cancel(ask, q.name)
		switch {
		case err == nil:
			return interaction.Withheld, nil
		case errors.Is(err, ErrTooLate), q.expired:
			return interaction.HandedOver, nil
		}
		return "", err
	case q.expired:
		return interaction.Expired, nil
	case q.task == taskNotice:
		// The number may have opted out since it was queued.
		if refuses, err := optout.Refuses(ctx, tx, q.To); err != nil || refuses {
			return interaction.Withheld, err
		}
	}
	q.Reply = q.task == taskReply
	name, err := c.gateway.Send(ask, q.Outgoing)
	switch {
	case err == nil:
		q.name = name
		return interaction.HandedOver, nil
	case errors.Is(err, ErrRefused):
		c.logger.ErrorContext(ctx, "the gateway refuses a text", "interaction", q.interaction, "error", err)
		return interaction.Refused, nil
	}
	return "", err
}

func (c *Carrier) done(ctx context.Context, tx pgx.Tx, q queued, outcome interaction.Outcome) error {
	_, err := tx.Exec(ctx, `update crm.interaction set outcome = $2, text_name = $3 where id = $1`, q.interaction, outcome, q.name)
	if err == nil {
		_, err = tx.Exec(ctx, `delete from crm.text_outbox where interaction = $1`, q.interaction)
	}
	if err != nil {
		return fmt.Errorf("note what became of a text: %w", err)
	}
	c.metrics.out.WithLabelValues(string(outcome)).Inc()
	return nil
}

// postpone has the text wait, so that one that can't be handed over holds up no other.
func (c *Carrier) postpone(ctx context.Context, tx pgx.Tx, q queued) error {
	_, err := tx.Exec(ctx, `
		update crm.text_outbox set attempts = attempts + 1, next_time = now() + make_interval(secs => $2) where interaction = $1`,
		q.interaction, retryAfter(q.attempts).Seconds())
	if err != nil {
		return fmt.Errorf("postpone a text: %w", err)
	}
	return nil
}

func (c *Carrier) count(ctx context.Context) error {
	var waiting int
	if err := c.pool.QueryRow(ctx, `select count(*) from crm.text_outbox`).Scan(&waiting); err != nil {
		return fmt.Errorf("count the outbox: %w", err)
	}
	c.metrics.waiting.Set(float64(waiting))
	return nil
}
