package rpc

import (
	"context"
	"sync"
	"time"

	"waybill/tracking"
)

const (
	// maxNames bounds the names that are remembered.
	maxNames = 500_000
	// nameFor is how long a name is believed.
	nameFor = 10 * time.Minute
)

// names remembers what people call vehicles, which the hub doesn't say.
type names struct {
	seen Seen

	mu       sync.Mutex
	byDevice map[string]name // guarded by mu
}

// name is what the vehicle is called that a device is on, or the device.
type name struct {
	vehicle, text string
	until         time.Time
}

func newNames(seen Seen) *names { return &names{seen: seen, byDevice: make(map[string]name)} }

// learn remembers the names of positions that the store has told.
func (n *names) learn(positions []tracking.Position) {
	until := time.Now().Add(nameFor)
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.byDevice)+len(positions) > maxNames {
		clear(n.byDevice)
	}
	for i := range positions {
		p := &positions[i]
		n.byDevice[p.Device] = name{p.Vehicle, p.DisplayName, until}
	}
}

// fill gives names to the positions. It asks the store for those that it doesn't know,
// all at once. A name is not worth the stream: when it can't be had, the uid stands
// for it.
func (n *names) fill(ctx context.Context, positions []tracking.Position) {
	unknown := n.recall(positions)
	for len(unknown) > 0 {
		some := unknown[:min(len(unknown), watchPage)]
		unknown = unknown[len(some):]
		found, err := n.seen.Positions(ctx, tracking.Filter{Devices: some}, tracking.Page{Size: len(some)})
		if err != nil {
			break
		}
		n.learn(found)
	}
	n.recall(positions)
	for i := range positions {
		p := &positions[i]
		switch {
		case p.DisplayName != "":
		case p.Vehicle != "":
			p.DisplayName = p.Vehicle
		default:
			p.DisplayName = p.Device
		}
	}
}

// recall sets the names that are known, and returns the devices of the others.
func (n *names) recall(positions []tracking.Position) (unknown []string) {
	now := time.Now()
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range positions {
		p := &positions[i]
		known, ok := n.byDevice[p.Device]
		if !ok || known.vehicle != p.Vehicle || now.After(known.until) {
			unknown = append(unknown, p.Device)
			continue
		}
		p.DisplayName = known.text
	}
	return unknown
}
