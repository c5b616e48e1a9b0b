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

// Settings of a [Dispatcher]. The zero value of each field means its default.
type Settings struct {
	// PerMinute is how many messages a modem may send in any minute; 8.
	PerMinute float64
	// Poll is how often the queue is looked into when nothing says that something came; 1 s.
	Poll time.Duration
	// Retry is how long a text waits after its first refusal, doubled with each; 5 s.
	Retry time.Duration
	// Rest is how long a modem rests after a refusal that is its own or its network's, doubled with each up to RestMost;
	// 20 s and 10 min.
	Rest, RestMost time.Duration
	// Lease is how long a claim outlives its process; 30 s.
	Lease time.Duration
	// Grace is how long a modem that has a part may take to say what became of it when the process is told to stop; 20 s.
	Grace time.Duration
}

func (s Settings) withDefaults() Settings {
	s.PerMinute = cmp.Or(max(s.PerMinute, 0), 8)
	s.Poll = cmp.Or(s.Poll, time.Second)
	s.Retry = cmp.Or(s.Retry, 5*time.Second)
	s.Rest = cmp.Or(s.Rest, 20*time.Second)
	s.RestMost = max(cmp.Or(s.RestMost, 10*time.Minute), s.Rest)
	s.Lease = cmp.Or(s.Lease, 30*time.Second)
	s.Grace = cmp.Or(s.Grace, 20*time.Second)
	return s
}

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
