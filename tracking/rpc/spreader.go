package rpc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"waybill/tracking"
)

// reachPatience is how long a report waits for any process to be reached.
const reachPatience = 2 * time.Second

// spreader sends the reports of each device to one of the processes. Which one that is
// matters for speed alone: two that write one device's fixes lose time to each other.
// What is right is right by the versions of the states in the store.
//
// A device's reports go over to another process only when those sent before are
// answered, or their stream has broken: so they stay in order.
type spreader struct {
	processes []*deliverer
	seeds     []uint64

	mu      sync.Mutex
	changed chan struct{}    // guarded by mu; closed and made anew when a process came or went
	lanes   map[string]*lane // guarded by mu; of the devices that have reports under way
}

// lane is the way that a device's reports take now.
type lane struct {
	process int
	pending int // deliveries
	free    chan struct{}
}

func newSpreader(processes []Process) *spreader {
	s := &spreader{changed: make(chan struct{}), lanes: make(map[string]*lane)}
	for _, process := range processes {
		d := newDeliverer(process)
		s.processes = append(s.processes, d)
		s.seeds = append(s.seeds, seed(process.Name))
		d.running.Go(func() { d.watch(s.change) })
	}
	return s
}

func (s *spreader) change() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}

// Close ends the streams and waits for them. What is under way is undecided.
func (s *spreader) Close() {
	for _, d := range s.processes {
		d.close()
	}
}

// Deliver sends the reports and waits until each is answered. When a stream breaks
// meanwhile, those without an answer are [tracking.Retry]. It fails when none could be
// sent, with [tracking.ErrUnavailable] or the context's error; nothing is decided then.
func (s *spreader) Deliver(ctx context.Context, reports []tracking.Report) ([]tracking.Outcome, error) {
	outcomes := make([]tracking.Outcome, len(reports))
	all := &delivery{outcomes: outcomes}
	for i, report := range reports {
		request, refused := requestOf(report)
		if refused != nil {
			outcomes[i] = *refused
			continue
		}
		all.add(request, i)
	}
	if len(all.requests) == 0 {
		return outcomes, nil
	}
	calls, err := s.send(ctx, reports, all)
	if len(calls) == 0 {
		return nil, err
	}
	for _, call := range calls {
		select {
		case <-call.done:
		case <-ctx.Done():
			// Outcomes may still be written to by the streams: they are not ours any more.
			return nil, ctx.Err()
		}
	}
	return outcomes, nil
}

// send gives each process its part, and returns what is under way. What could not be
// sent stays undecided; the error says why.
func (s *spreader) send(ctx context.Context, reports []tracking.Report, all *delivery) ([]*delivery, error) {
	uids := make([]string, 0, 1)
	for _, i := range all.indices {
		if uid := reports[i].Device; !slices.Contains(uids[max(0, len(uids)-1):], uid) {
			uids = append(uids, uid)
		}
	}
	// In one order, so that two calls don't wait for each other.
	slices.Sort(uids)
	uids = slices.Compact(uids)
	ways := make(map[string]int, len(uids))
	var err error
	for n, uid := range uids {
		if ways[uid], err = s.enter(ctx, uid); err != nil {
			s.leave(uids[:n])
			return nil, err
		}
	}
	var calls []*delivery
	for process := range s.processes {
		call := &delivery{outcomes: all.outcomes, done: make(chan struct{})}
		var of []string
		for j, i := range all.indices {
			if ways[reports[i].Device] == process {
				call.add(all.requests[j], i)
			}
		}
		for _, uid := range uids {
			if ways[uid] == process {
				of = append(of, uid)
			}
		}
		if len(of) == 0 {
			continue
		}
		call.finished = func() { s.leave(of) }
		if failed := s.processes[process].start(ctx, call); failed != nil {
			s.leave(of)
			err = errors.Join(err, fmt.Errorf("tracking at %s: %w", s.processes[process].name, failed))
			continue
		}
		calls = append(calls, call)
	}
	return calls, err
}

// enter waits until the device's reports may go the way that is right now, and says
// which process that is. Each has to leave again.
func (s *spreader) enter(ctx context.Context, device string) (int, error) {
	patience := time.NewTimer(reachPatience)
	defer patience.Stop()
	for {
		process, wait := s.tryEnter(device)
		if wait == nil {
			return process, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-patience.C:
			if process < 0 {
				return 0, fmt.Errorf("%w: no tracking process can be reached", tracking.ErrUnavailable)
			}
		}
	}
}

// tryEnter gives what to wait for when it can't be done now: with a process, for the
// reports that go another way; without, for any to be reached.
func (s *spreader) tryEnter(device string) (process int, wait <-chan struct{}) {
	now := time.Now()
	candidates := make([]candidate, len(s.processes))
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, d := range s.processes {
		candidates[i] = candidate{d.reach(now), s.seeds[i]}
	}
	process = choose(device, candidates)
	if process < 0 {
		return process, s.changed
	}
	way := s.lanes[device]
	switch {
	case way == nil:
		way = &lane{process: process, free: make(chan struct{})}
		s.lanes[device] = way
	case way.process != process:
		return process, way.free
	}
	way.pending++
	return process, nil
}

func (s *spreader) leave(uids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, device := range uids {
		way := s.lanes[device]
		if way.pending--; way.pending == 0 {
			delete(s.lanes, device)
			close(way.free)
		}
	}
}
