package tracking

import (
	"context"
	"fmt"
	"sync"
)

// maxIdentities bounds what an [identifier] remembers.
const maxIdentities = 500_000

// identifier finds the store's keys of devices, and remembers them. Devices that
// are not known are asked for each time, so that a new one is known at once.
type identifier struct {
	store Store

	mu  sync.RWMutex
	ids map[string]int64 // guarded by mu
}

func newIdentifier(store Store) *identifier {
	return &identifier{store: store, ids: make(map[string]int64)}
}

// identify gives the key of each report's device, 0 for one that is not known.
func (d *identifier) identify(ctx context.Context, reports []Report) ([]int64, error) {
	ids := make([]int64, len(reports))
	missing := make(map[string]struct{})
	d.mu.RLock()
	for i := range reports {
		id, ok := d.ids[reports[i].Device]
		if !ok {
			missing[reports[i].Device] = struct{}{}
		}
		ids[i] = id
	}
	d.mu.RUnlock()
	if len(missing) == 0 {
		return ids, nil
	}
	uids := make([]string, 0, len(missing))
	for uid := range missing {
		if storableText(uid) { // what isn't can't be the name of a device
			uids = append(uids, uid)
		}
	}
	found, err := d.store.DeviceIDs(ctx, uids)
	if err != nil {
		return nil, fmt.Errorf("identify devices: %w", err)
	}
	d.remember(found)
	for i := range reports {
		if ids[i] == 0 {
			ids[i] = found[reports[i].Device]
		}
	}
	return ids, nil
}

func (d *identifier) remember(found map[string]int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.ids)+len(found) > maxIdentities {
		clear(d.ids)
	}
	for uid, id := range found {
		d.ids[uid] = id
	}
}

// forget a device that turned out to be gone.
func (d *identifier) forget(uid string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.ids, uid)
}
