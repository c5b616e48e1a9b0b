package emulator

import (
	"container/heap"
	"sync"
	"time"
)

// agenda is what is to happen later: in the network, and to the modem. It outlives being unplugged, and rests while the
// emulator is closed.
type agenda struct {
	changed chan struct{} // Cap 1: something has come.

	mu    sync.Mutex
	plans plans
	count int
}

// plan is one thing to do. Those of the same time are done in the order in which they were made.
type plan struct {
	at    time.Time
	order int
	do    func()
}

func newAgenda() *agenda { return &agenda{changed: make(chan struct{}, 1)} }

// after has do called on the agenda's goroutine, without any lock held.
func (a *agenda) after(d time.Duration, do func()) {
	a.mu.Lock()
	a.count++
	heap.Push(&a.plans, plan{time.Now().Add(d), a.count, do})
	a.mu.Unlock()
	select {
	case a.changed <- struct{}{}:
	default:
	}
}

// run does what is due until quit is closed.
func (a *agenda) run(quit <-chan struct{}) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		do, wait := a.due()
		if do != nil {
			do()
		} else {
			timer.Reset(wait)
		}
		select {
		case <-quit:
			return
		default:
		}
		if do != nil {
			continue
		}
		select {
		case <-quit:
			return
		case <-a.changed:
		case <-timer.C:
		}
	}
}

// due gives what is to be done now, or how long nothing is.
func (a *agenda) due() (do func(), wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.plans) == 0 {
		return nil, time.Hour
	}
	if wait := time.Until(a.plans[0].at); wait > 0 {
		return nil, wait
	}
	next, _ := heap.Pop(&a.plans).(plan)
	return next.do, 0
}

// plans is a heap by time.
type plans []plan

func (p plans) Len() int { return len(p) }

func (p plans) Less(i, j int) bool {
	if p[i].at.Equal(p[j].at) {
		return p[i].order < p[j].order
	}
	return p[i].at.Before(p[j].at)
}

func (p plans) Swap(i, j int) { p[i], p[j] = p[j], p[i] }

// Push adds, for package heap.
func (p *plans) Push(x any) {
	if one, ok := x.(plan); ok {
		*p = append(*p, one)
	}
}

// Pop takes the last, for package heap.
func (p *plans) Pop() any {
	last := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return last
}
