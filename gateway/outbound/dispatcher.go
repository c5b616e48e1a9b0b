package outbound

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"waybill/gateway/modem/sms"
	"waybill/internal/lifecycle"
)

// Dispatcher hands what is queued to the modems: each has one part at a time and then pauses, so that it sends no more
// than it may in any minute. After a start a modem pauses first, because nobody knows when it last sent.
type Dispatcher struct {
	queue   Queue
	ports   func() []Port
	cfg     Settings
	log     *slog.Logger
	metrics *Metrics
	owner   string
	wake    chan struct{} // Cap 1: there may be something to do.

	mu    sync.Mutex
	lanes map[string]*lane // Guarded by mu: by the modem's name.

	contact time.Time // Owned by Run: since when the store has answered without a break.
	renewed time.Time // Owned by Run.
}

// NewDispatcher makes a dispatcher over the modems that are ready at a time. Metrics may be nil.
func NewDispatcher(queue Queue, ports func() []Port, s Settings, log *slog.Logger, metrics *Metrics) *Dispatcher {
	if metrics == nil {
		metrics = newMetrics()
	}
	return &Dispatcher{
		queue: queue, ports: ports, cfg: s.withDefaults(), log: log, metrics: metrics,
		owner: rand.Text(), wake: make(chan struct{}, 1), lanes: make(map[string]*lane),
	}
}

// Wake has the queue looked into at once.
func (d *Dispatcher) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run sends until the context ends, and returns nil when the last modem has said what became of its part.
func (d *Dispatcher) Run(ctx context.Context) error {
	var hands sync.WaitGroup
	defer hands.Wait()
	began := time.Now()
	for ctx.Err() == nil {
		d.keep(ctx)
		next := d.hand(ctx, began, &hands)
		timer := time.NewTimer(next)
		select {
		case <-ctx.Done():
		case <-d.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// hand gives every free modem a part, and says when to look again.
func (d *Dispatcher) hand(ctx context.Context, began time.Time, hands *sync.WaitGroup) time.Duration {
	next := d.cfg.Poll
	for _, at := range d.free(began) {
		now := time.Now()
		if at.wait > 0 {
			next = min(next, at.wait)
			continue
		}
		text, found, err := d.queue.Claim(ctx, Claimant{Modem: at.port.Name(), SIM: at.port.SIM(), Owner: d.owner, Lease: d.cfg.Lease}, now)
		if err != nil {
			d.broken(ctx, "claim a text", err)
			return d.cfg.Poll
		}
		if !found {
			continue
		}
		d.mu.Lock()
		at.lane.busy = true
		d.mu.Unlock()
		hands.Go(func() {
			d.send(ctx, at, text)
			d.Wake()
		})
	}
	return next
}

// berth is a modem that has nothing in hand.
type berth struct {
	port Port
	lane *lane
	wait time.Duration // How long it still has to pause.
}

// free gives the modems that have nothing in hand, those that have paused longest first.
func (d *Dispatcher) free(began time.Time) []berth {
	ports := d.ports()
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	all := make([]berth, 0, len(ports))
	for _, port := range ports {
		l := d.lanes[port.Name()]
		if l == nil {
			l = &lane{free: began.Add(d.gap())}
			d.lanes[port.Name()] = l
		}
		if !l.busy {
			all = append(all, berth{port, l, l.free.Sub(now)})
		}
	}
	slices.SortStableFunc(all, func(a, b berth) int { return cmp.Compare(a.wait, b.wait) })
	return all
}

// gap is the pause between two messages of one modem.
func (d *Dispatcher) gap() time.Duration {
	return time.Duration(float64(time.Minute) / d.cfg.PerMinute)
}

// send hands the next part of the text over, and sees to it that what became of it is noted.
func (d *Dispatcher) send(ctx context.Context, at berth, text Text) {
	// A modem that has a part must not be interrupted: nobody would know what became of it.
	patient, cancel := lingering(ctx, d.cfg.Grace)
	defer cancel()
	outcome := d.submit(patient, at, text)
	d.note(patient, text, outcome)
}

func (d *Dispatcher) submit(ctx context.Context, at berth, text Text) Outcome {
	now := time.Now()
	parts, err := sms.Split(text.To, text.Body, sms.Terms{Reference: int(text.Key), Validity: text.ExpireTime.Sub(now), Report: true})
	if err != nil || len(parts) != text.Cost.Parts || text.PartsSent >= len(parts) {
		d.release(at.lane, verdict{})
		return Outcome{Fate: Rejected, Time: now, Code: "text", Detail: "it can't be written as a message: check number and text"}
	}
	reference, err := at.port.Submit(ctx, parts[text.PartsSent])
	v := judge(err)
	d.release(at.lane, v)
	d.metrics.handed.WithLabelValues(at.port.Name(), v.result()).Inc()
	if err != nil {
		d.log.WarnContext(ctx, "a text was not sent", "modem", at.port.Name(), "text", text.UID, "error", err)
	}
	outcome := v.outcome(text, time.Now(), d.cfg.Retry)
	outcome.Reference = reference
	return outcome
}

// release has the modem pause from now on.
func (d *Dispatcher) release(l *lane, v verdict) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l.rest(time.Now(), d.gap(), v, d.cfg)
}

// note has the outcome stored. While the store is away it tries again: what was sent must not be sent again.
func (d *Dispatcher) note(ctx context.Context, text Text, outcome Outcome) {
	for {
		err := d.queue.Settle(ctx, text, outcome)
		switch {
		case err == nil:
			if outcome.Fate == Rejected || outcome.Fate == Lost {
				d.metrics.failed.WithLabelValues(outcome.Code).Inc()
			}
			return
		case errors.Is(err, ErrOutrun):
			d.log.WarnContext(ctx, "a text was ended while a modem had it", "text", text.UID)
			return
		}
		d.log.WarnContext(ctx, "what became of a text could not be noted; trying again", "text", text.UID, "error", err)
		if lifecycle.Pause(ctx, d.cfg.Poll) != nil {
			return
		}
	}
}
