package tracking

import (
	"sync"
	"time"
)

// delivery is one call of Deliver that waits for its outcomes.
type delivery struct {
	// done is closed when all outcomes are there.
	done chan struct{}

	mu       sync.Mutex
	outcomes []Outcome // guarded by mu until done
	missing  int       // guarded by mu
	errs     []error   // guarded by mu until done; at most one a batch
}

func newDelivery(n int) *delivery {
	return &delivery{done: make(chan struct{}), outcomes: make([]Outcome, n), missing: n}
}

// settle decides the report at the index. With an error nothing was decided.
func (d *delivery) settle(index int, outcome Outcome, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.outcomes[index] = outcome
	// One batch fails for one reason: say it once.
	if err != nil && (len(d.errs) == 0 || d.errs[len(d.errs)-1] != err) { //nolint:errorlint // the same error, not the same kind
		d.errs = append(d.errs, err)
	}
	d.missing--
	if d.missing == 0 {
		close(d.done)
	}
}

// item is a record on its way through a writer's queue.
type item struct {
	record   Record
	since    time.Time // when it was accepted
	delivery *delivery
	index    int // in the delivery
}
