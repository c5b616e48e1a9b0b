package modem

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"waybill/gateway/modem/sms"
	"waybill/tracking"
)

const (
	// commits is how many texts of one modem are on their way to the database at once.
	commits = 16
	// maxRefusals is how many texts in a row may be refused before no more are tried: then it is not the texts.
	maxRefusals = 3
)

// job is something to commit, after which its slots are deleted.
type job struct {
	slots []sms.Stored
	chain string // Jobs of one chain, a sender's, are done one after the other, in their order.

	// What it is: one of these.
	text   *Text
	parts  []Part
	report string

	running  bool
	refusals int       // For no lack of a store.
	refused  time.Time // The first time.
	err      error     // Of the last time.
}

// committer has jobs done beside the reader, which alone calls its methods.
type committer struct {
	cfg     *Config
	sim     string
	open    []*job          // All that are not committed.
	queue   []*job          // Those of them that wait to be started, in order.
	running map[string]bool // Chains.
	busy    int
	limit   int // Of busy: 1 while it is not known whether the store is there.
	failed  int // In a row.
	success time.Time
	done    chan *job
}

func newCommitter(cfg *Config, sim string) *committer {
	return &committer{cfg: cfg, sim: sim, running: map[string]bool{}, limit: commits, done: make(chan *job)}
}

func (c *committer) add(j *job) {
	c.open = append(c.open, j)
	c.queue = append(c.queue, j)
}

// start lets jobs run that may.
func (c *committer) start(ctx context.Context, run func(func())) {
	kept := c.queue[:0]
	for _, j := range c.queue {
		if c.busy >= c.limit || c.stuck() || c.running[j.chain] {
			kept = append(kept, j)
			continue
		}
		j.running, c.running[j.chain] = true, true
		c.busy++
		text := c.subject(j)
		run(func() {
			j.err = c.commit(ctx, text, j)
			select {
			case c.done <- j:
			case <-ctx.Done():
			}
		})
	}
	clear(c.queue[len(kept):])
	c.queue = kept
}

// stuck says that what is queued is not tried any more.
func (c *committer) stuck() bool { return c.failed >= maxRefusals }

// refused says that something was not committed that was tried, and waits to be tried again.
func (c *committer) refused() bool {
	return slices.ContainsFunc(c.open, func(j *job) bool { return !j.running && j.err != nil })
}

// subject is the text of a job. One that fails where others don't would stay on the SIM for ever, and is kept as what it
// is instead.
func (c *committer) subject(j *job) *Text {
	if j.text == nil || j.refusals < maxTries || !c.success.After(j.refused) || j.text.Problem != nil {
		return j.text
	}
	text := *j.text
	text.Problem = ErrFails
	return &text
}

// commit never takes longer than it may: a store that is stuck must not keep the modem.
func (c *committer) commit(ctx context.Context, text *Text, j *job) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.HandleTimeout)
	defer cancel()
	switch {
	case text != nil:
		return c.cfg.Handler.HandleText(ctx, *text)
	case j.report != "":
		return c.tell(ctx, j.report)
	}
	return c.cfg.Parts.KeepParts(ctx, j.parts)
}

// ended takes in the result of a job.
func (c *committer) ended(j *job, now time.Time) {
	j.running = false
	delete(c.running, j.chain)
	c.busy--
	if j.err == nil {
		c.failed, c.limit, c.success = 0, commits, now
		c.open = slices.DeleteFunc(c.open, func(o *job) bool { return o == j })
		return
	}
	c.failed++
	if tracking.IsRetryable(j.err) || errors.Is(j.err, context.DeadlineExceeded) {
		return
	}
	if j.refusals++; j.refusals == 1 {
		j.refused = now
	}
}

// retry begins anew with what was refused, that first which was refused least: one job, and the others once it is
// committed.
func (c *committer) retry() {
	c.failed, c.limit = 0, 1
	var again []*job
	for _, j := range c.open {
		if !j.running && j.err != nil {
			j.err = nil
			again = append(again, j)
		}
	}
	slices.SortStableFunc(again, func(a, b *job) int { return cmp.Compare(a.refusals, b.refusals) })
	c.queue = append(again, c.queue...)
}
