package tracking

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Ingester takes reports and stores them: identify, validate, batch, commit with
// what follows (package tracking/derive), tell who waits and who watches.
//
// Reports of one device go through one writer, in the order in which they were
// delivered. A writer commits what waits for it: one fix when it is quiet, up to
// IngesterOptions.MaxBatch when it is busy.
type Ingester struct {
	options IngesterOptions
	devices *identifier
	writers []*writer
	metrics *metrics

	// stopping is closed when Run is about to end: nothing more is accepted.
	stopping chan struct{}
	mu       sync.Mutex
	stopped  bool           // guarded by mu
	senders  sync.WaitGroup // Deliver calls that may put into queues; Add under mu
}

// NewIngester returns an ingester on the store. It stores nothing before [Run].
func NewIngester(store Store, options IngesterOptions) *Ingester {
	in := &Ingester{options: options.withDefaults(), devices: newIdentifier(store), stopping: make(chan struct{})}
	in.metrics = newMetrics(in.options.Registerer, in.queued)
	for range in.options.Writers {
		in.writers = append(in.writers, &writer{
			store: store, options: in.options, metrics: in.metrics, devices: in.devices,
			queue: make(chan item, in.options.QueueLength),
		})
	}
	return in
}

// Run stores what is delivered until the context ends. Then it takes no more,
// finishes what it has accepted, which takes no longer than
// IngesterOptions.UnavailableAfter and a commit, and returns nil. Call it once.
func (in *Ingester) Run(ctx context.Context) error {
	// What has been accepted is finished after ctx is done.
	work := context.WithoutCancel(ctx)
	var running sync.WaitGroup
	for _, w := range in.writers {
		running.Go(func() { w.run(work) })
	}
	<-ctx.Done()
	in.stop()
	running.Wait()
	return nil
}

func (in *Ingester) stop() {
	in.mu.Lock()
	in.stopped = true
	in.mu.Unlock()
	close(in.stopping)
	in.senders.Wait()
	for _, w := range in.writers {
		close(w.queue)
	}
}

// Deliver stores reports and says what became of each, in their order. It waits
// until that is decided and durable; when the queues are full it waits for room.
//
// It fails with [ErrUnavailable] when the store or the ingester is away, and with
// the context's error. Outcomes that come beside an error and are not Retry hold;
// for all others nothing is decided: don't acknowledge, send again.
func (in *Ingester) Deliver(ctx context.Context, reports []Report) ([]Outcome, error) {
	if len(reports) == 0 {
		return nil, nil
	}
	ids, err := in.devices.identify(ctx, reports)
	if err != nil {
		return nil, err
	}
	d := newDelivery(len(reports))
	if err := in.enqueue(ctx, d, reports, ids); err != nil {
		return nil, err
	}
	select {
	case <-d.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for _, outcome := range d.outcomes {
		in.metrics.fixes.WithLabelValues(outcome.Kind.String()).Inc()
	}
	return d.outcomes, errors.Join(d.errs...)
}

// enqueue decides at once what can't be stored, and hands the rest to the writers.
func (in *Ingester) enqueue(ctx context.Context, d *delivery, reports []Report, ids []int64) error {
	if !in.enter() {
		return fmt.Errorf("%w: it is shutting down", ErrUnavailable)
	}
	defer in.senders.Done()
	now := time.Now()
	for i, report := range reports {
		record, rejected := in.admit(report, ids[i])
		if rejected != nil {
			d.settle(i, *rejected, nil)
			continue
		}
		w := in.writers[uint64(record.DeviceID)%uint64(len(in.writers))] //nolint:gosec // keys are positive
		select {
		case w.queue <- item{record: record, since: now, delivery: d, index: i}:
		case <-ctx.Done():
			return ctx.Err()
		case <-in.stopping:
			return fmt.Errorf("%w: it is shutting down", ErrUnavailable)
		}
	}
	return nil
}

func (in *Ingester) admit(report Report, id int64) (Record, *Outcome) {
	if id == 0 {
		return Record{}, reject(ReasonUnknownDevice, "there is no device %q; create it, then replay", report.Device)
	}
	record, rejected := Validate(report, in.options.Retention)
	record.DeviceID = id
	return record, rejected
}

// enter says whether the caller may put into queues; then senders has to be told
// when it is done.
func (in *Ingester) enter() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.stopped {
		return false
	}
	in.senders.Add(1)
	return true
}

func (in *Ingester) queued() float64 {
	n := 0
	for _, w := range in.writers {
		n += len(w.queue)
	}
	return float64(n)
}
