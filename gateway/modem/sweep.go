package modem

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/sms"
)

const (
	// lateMost is the longest wait before the store is tried again and the memories' fill is read, while texts wait.
	lateMost = 10 * time.Second
	// usageEvery is how often the fill is read while commits are waited for.
	usageEvery = 5 * time.Second
)

// reader empties a modem's memories: it lists what lies in them, has it committed, and deletes what is committed. While
// some of it is being committed it lists the next memory and deletes what is done; other goroutines may send and poll
// between any two of its commands. It alone uses the session's store.
type reader struct {
	cfg      *Config
	modem    *Modem
	store    *sms.Store
	memories []sms.Memory
	sim      string // Tells SIMs apart.
	reports  *reports

	hints   chan struct{} // Cap 1: something may have come.
	results chan error    // How each sweep ended, for who judges the session.

	found     ledger
	work      *committer
	deletable []sms.Stored // Committed, in the order of deletion; each was listed after it was last deleted.
	full      bool         // A memory was full when it was listed, so the network may hold more.
	hinted    bool         // Something may have come since the memories were listed.
	refusal   bool         // The modem refused to list or to delete something.
	wait      backoff      // Between sweeps that left something undone.
	workers   sync.WaitGroup
}

func (s *session) reader() *reader {
	s.modem.update(func(st *Status) {
		st.Memories = slices.DeleteFunc(st.Memories, func(m MemoryStatus) bool { return !slices.Contains(s.memories, m.Memory) })
	})
	sim := cmp.Or(s.imsi, s.imei, "modem "+s.cfg.Name)
	return &reader{
		cfg: s.cfg, modem: s.modem, store: s.store, memories: s.memories, sim: sim, reports: &s.reports,
		hints: s.hint, results: make(chan error),
		found: ledger{}, work: newCommitter(s.cfg, sim),
		wait: backoff{least: s.cfg.RetryMin, most: min(s.cfg.RetryMax, s.cfg.SweepInterval, lateMost)},
	}
}

// run sweeps until the context ends, and waits for what it has started.
func (r *reader) run(ctx context.Context) {
	defer r.keepHeard()
	defer r.workers.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var again bool
		var err error
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			again, err = r.sweep(ctx)
		case <-r.hints:
			if r.work.refused() { // What comes meanwhile can't be committed either, but it takes room.
				if err = r.usage(ctx); err == nil {
					continue
				}
			} else {
				again, err = r.sweep(ctx)
			}
		}
		select {
		case r.results <- err:
		case <-ctx.Done():
			return
		}
		next := r.cfg.SweepInterval
		switch {
		case err != nil, r.refusal, r.work.refused():
			next = r.wait.step()
		case again:
			next = 0
			r.wait.reset()
		default:
			r.wait.reset()
		}
		timer.Reset(next)
	}
}

// sweep does what is left of the sweep before, and when that went well reads every memory. It tells whether to look again
// at once. Its errors are the modem's; what could not be committed only brings the next sweep nearer.
func (r *reader) sweep(ctx context.Context) (again bool, err error) {
	defer r.report()
	r.refusal = false
	if r.work.refused() {
		r.work.retry()
		r.begin(ctx)
		if err := r.usage(ctx); err != nil {
			return false, err
		}
		if err := r.settle(ctx, false); err != nil || r.work.stuck() {
			return false, err
		}
	}
	return r.pass(ctx)
}

// pass lists every memory once, and ends when what it found is committed and deleted. It tells whether it is worth
// looking again at once. A memory that can't be read doesn't keep the others from being read.
func (r *reader) pass(ctx context.Context) (again bool, err error) {
	var refusal error
	readable := 0
	r.full, r.hinted = false, false
	before := r.work.success
	r.heardReports()
	if r.reports.stored {
		if err := r.list(ctx, sms.Reports); err != nil && !at.IsRefusal(err) {
			return false, err
		}
	}
	for _, memory := range r.memories {
		switch err := r.list(ctx, memory); {
		case at.IsRefusal(err):
			refusal = err
			continue
		case err != nil:
			return false, err
		}
		readable++
		if err := r.settle(ctx, true); err != nil {
			return false, err
		}
	}
	if refusal != nil {
		if readable == 0 {
			return false, refusal
		}
		r.refusal = true
		r.modem.failed(ctx, refusal)
	}
	if err := r.settle(ctx, false); err != nil {
		return false, err
	}
	return r.hinted || r.full && r.work.success.After(before), nil
}

// settle deletes what is committed. Unless it is only to do what can be done now, it waits for what is being committed,
// until something new may have come.
func (r *reader) settle(ctx context.Context, now bool) error {
	fill := time.NewTicker(usageEvery)
	defer fill.Stop()
	for {
		for r.collect(ctx) {
		}
		r.begin(ctx)
		if len(r.deletable) > 0 {
			if err := r.delete(ctx); err != nil {
				return err
			}
			continue
		}
		if now || r.work.busy == 0 {
			return nil
		}
		hints := r.hints
		if r.work.failed > 0 {
			hints = nil
		}
		select {
		case j := <-r.work.done:
			r.ended(ctx, j)
		case <-hints:
			r.hinted = true
			return nil
		case <-fill.C:
			if err := r.usage(ctx); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// collect takes in a result that is there already, and tells whether there was one.
func (r *reader) collect(ctx context.Context) bool {
	select {
	case j := <-r.work.done:
		r.ended(ctx, j)
		return true
	default:
		return false
	}
}

func (r *reader) begin(ctx context.Context) { r.work.start(ctx, r.workers.Go) }

// ended takes in what became of a job.
func (r *reader) ended(ctx context.Context, j *job) {
	now := time.Now()
	r.work.ended(j, now)
	if j.err != nil {
		r.deferred(ctx, j)
		return
	}
	r.committed(j, now)
	for _, s := range j.slots {
		if h := r.found[placeOf(s)]; h != nil {
			h.job, h.committed = nil, now
			r.deletable = append(r.deletable, s)
		}
	}
}

// delete deletes one message. What became of a deletion without an end only a listing shows, since something else may
// lie there by then: until then nothing is deleted.
func (r *reader) delete(ctx context.Context) error {
	s := r.deletable[0]
	r.deletable = r.deletable[1:]
	err := r.store.Delete(ctx, s.Slot)
	switch {
	case at.IsRefusal(err): // Gone already, or the SIM is busy: the next sweep sees which.
		r.refusal = true
		r.modem.failed(ctx, err)
		return nil
	case err != nil:
		r.deletable = nil
		return err
	}
	if h := r.found[placeOf(s)]; h != nil {
		h.deleted = true
	}
	r.deleted(s.Slot.Memory)
	return nil
}
