package postgres

import (
	"sync"

	"waybill/tracking/derive"
)

const (
	// maxStates bounds how many devices' states are remembered.
	maxStates = 500_000
	// cautiousBatches are committed with locks after one without has lost to
	// another transaction: where several processes write the same devices, locks
	// taken in order are cheaper than deadlocks.
	cautiousBatches = 200
)

// stateCache remembers states as of their versions, so that they need not be read
// and locked while nobody else writes them. It may be wrong: the update of states
// is fenced by the versions, and fails then.
type stateCache struct {
	mu       sync.Mutex
	byDevice map[int64]cachedState // guarded by mu
	caution  int                   // guarded by mu; how many batches are yet to lock
}

type cachedState struct {
	version, fittingVersion int64
	state                   derive.State
	silent                  bool
}

func newStateCache() *stateCache { return &stateCache{byDevice: make(map[int64]cachedState)} }

// recall sets the states that are remembered: none while it is cautious.
func (c *stateCache) recall(devices []deviceBatch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.caution > 0 {
		c.caution--
		return
	}
	for i := range devices {
		d := &devices[i]
		if cached, ok := c.byDevice[d.id]; ok {
			d.known, d.version, d.fittingVersion = true, cached.version, cached.fittingVersion
			d.state, d.silent = cached.state, cached.silent
		}
	}
}

// remember what a transaction has committed.
func (c *stateCache) remember(devices []deviceBatch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.byDevice)+len(devices) > maxStates {
		clear(c.byDevice)
	}
	for i := range devices {
		d := &devices[i]
		if !d.known {
			continue
		}
		cached := cachedState{version: d.version, fittingVersion: d.fittingVersion, state: d.state, silent: d.silent}
		if d.changed { // then the state was written
			cached.version++
			cached.state = d.after
			cached.silent = d.silent && d.live < 0
		}
		c.byDevice[d.id] = cached
	}
}

// forget the devices of a transaction that failed, whatever it has left.
func (c *stateCache) forget(devices []deviceBatch, caution bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range devices {
		delete(c.byDevice, devices[i].id)
	}
	if caution {
		c.caution = cautiousBatches
	}
}

// forgetIDs forgets devices that somebody else has written.
func (c *stateCache) forgetIDs(devices []int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range devices {
		delete(c.byDevice, id)
	}
}
