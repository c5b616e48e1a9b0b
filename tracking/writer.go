package tracking

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

const (
	// commitTimeout bounds one attempt; a server that doesn't answer counts as away.
	commitTimeout = 30 * time.Second
	// firstPause to maxPause, doubling, are the pauses between attempts.
	firstPause = 20 * time.Millisecond
	maxPause   = time.Second
)

// writer commits the fixes of its share of the devices, one batch after the other.
type writer struct {
	store   Store
	options IngesterOptions
	metrics *metrics
	devices *identifier
	queue   chan item
	last    lastCommit // of run's goroutine
}

// lastCommit is what a writer knows of its last batch.
type lastCommit struct {
	size int
	took time.Duration
	end  time.Time
}

// run works until the queue is closed and empty.
func (w *writer) run(ctx context.Context) {
	batch := make([]item, 0, w.options.MaxBatch)
	for first := range w.queue {
		batch = w.fill(append(batch[:0], first))
		if wait := w.last.linger(time.Now(), w.options.Linger); wait > 0 {
			batch = w.gather(batch, wait)
		}
		start := time.Now()
		w.commit(ctx, batch)
		w.last = lastCommit{size: len(batch), took: time.Since(start), end: time.Now()}
		clear(batch) // nothing is kept alive while it is quiet
	}
}

// fill adds what waits already, up to a full batch.
func (w *writer) fill(batch []item) []item {
	for len(batch) < w.options.MaxBatch {
		select {
		case next, open := <-w.queue:
			if !open {
				return batch
			}
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
}

// gather adds what comes for a while, up to a full batch.
func (w *writer) gather(batch []item, wait time.Duration) []item {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for len(batch) < w.options.MaxBatch {
		select {
		case next, open := <-w.queue:
			if !open {
				return batch
			}
			batch = append(batch, next)
		case <-timer.C:
			return batch
		}
	}
	return batch
}

// crowd is the size from which on a batch says that many send at once. One source
// that waits for each answer would only be slowed by waiting for more.
const crowd = 8

// linger is how long a writer waits for more before it commits. When it is quiet it
// does not wait. When it is busy it pauses after a commit for as long as that took, and
// no longer than the most: so it is at work half of the time at most, with fewer and
// larger batches, each of which costs the database hardly more than a small one.
func (l lastCommit) linger(now time.Time, most time.Duration) time.Duration {
	if l.size < crowd {
		return 0
	}
	return min(l.took, most) - now.Sub(l.end)
}

// commit decides each item of the batch. A record that the store refuses is found
// by halving, so that the others don't suffer from it.
func (w *writer) commit(ctx context.Context, batch []item) {
	batch, err := w.attempt(ctx, batch)
	switch {
	case err == nil:
	case errors.Is(err, ErrUnstorable) && len(batch) == 1:
		w.options.Logger.WarnContext(ctx, "the store refuses a fix",
			slog.String("device", batch[0].record.DeviceUID), slog.Any("error", err))
		batch[0].delivery.settle(batch[0].index, *reject(ReasonValue, "it can't be stored: %v", err), nil)
	case errors.Is(err, ErrUnstorable):
		w.commit(ctx, batch[:len(batch)/2])
		w.commit(ctx, batch[len(batch)/2:])
	default:
		w.options.Logger.ErrorContext(ctx, "fixes were not stored; their sources are told to send again",
			slog.Int("fixes", len(batch)), slog.Any("error", err))
		for _, it := range batch {
			it.delivery.settle(it.index, Outcome{Kind: Retry, Detail: "the store is not available"}, err)
		}
	}
}

// attempt repeats until the store has decided, or until the oldest item has waited
// for as long as it may. With an error it gives the items that are not decided.
func (w *writer) attempt(ctx context.Context, batch []item) ([]item, error) {
	oldest := batch[0].since
	for _, it := range batch {
		if it.since.Before(oldest) {
			oldest = it.since
		}
	}
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		committed, err := w.once(ctx, batch)
		if err == nil {
			w.settle(batch, committed)
			return nil, nil
		}
		batch = w.settleDecided(batch, committed)
		if !IsRetryable(err) || time.Since(oldest)+pause > w.options.UnavailableAfter {
			return batch, err
		}
		w.options.Logger.WarnContext(ctx, "commit failed; trying again", slog.Int("fixes", len(batch)), slog.Any("error", err))
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return batch, err
		}
	}
}

func (w *writer) once(ctx context.Context, batch []item) (Committed, error) {
	records := make([]Record, len(batch))
	for i, it := range batch {
		records[i] = it.record
	}
	ctx, cancel := context.WithTimeout(ctx, min(commitTimeout, max(w.options.UnavailableAfter, time.Second)))
	defer cancel()
	start := time.Now()
	committed, err := w.store.Commit(ctx, records)
	result := "committed"
	if err != nil {
		result = "failed"
	}
	w.metrics.commit.WithLabelValues(result).Observe(time.Since(start).Seconds())
	return committed, err
}

func (w *writer) settle(batch []item, committed Committed) {
	w.metrics.batchSize.Observe(float64(len(batch)))
	// First who watches, then who waits: so what is acknowledged has been shown.
	w.options.Hub.Publish(committed.Positions)
	for i, it := range batch {
		outcome := committed.Outcomes[i]
		if outcome.Reason == ReasonUnknownDevice {
			w.devices.forget(it.record.DeviceUID)
		}
		it.delivery.settle(it.index, outcome, nil)
	}
}

// settleDecided settles what was committed although the call failed, and gives the rest.
func (w *writer) settleDecided(batch []item, committed Committed) []item {
	if len(committed.Outcomes) == 0 {
		return batch
	}
	var done, rest []item
	decided := Committed{Positions: committed.Positions}
	for i, outcome := range committed.Outcomes {
		if outcome.Kind == Retry {
			rest = append(rest, batch[i])
			continue
		}
		done, decided.Outcomes = append(done, batch[i]), append(decided.Outcomes, outcome)
	}
	w.settle(done, decided)
	return rest
}
