package mqtt

import (
	"context"
	"sync"
)

// workers do what needs a deep stack, on goroutines that are used again. Each device
// has a goroutine that waits for its next packet: if that did the work itself, each
// would keep a stack of 32 kB for the few that are at work at a time.
type workers struct {
	slots    chan struct{} // one for each that works
	tasks    chan func()
	stopping chan struct{}
	running  sync.WaitGroup
}

func newWorkers(most int) *workers {
	return &workers{slots: make(chan struct{}, most), tasks: make(chan func()), stopping: make(chan struct{})}
}

// do has the work done and returns when it is. While all workers are at work it waits
// for one, with a stack that is small; it fails when the context ends before there is
// one.
func (w *workers) do(ctx context.Context, work func()) error {
	select {
	case w.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	done := make(chan struct{})
	task := func() {
		defer close(done)
		work()
	}
	select {
	case w.tasks <- task:
	default:
		w.running.Go(func() { w.run(task) })
	}
	<-done
	<-w.slots
	return nil
}

// run does a task, and then those that come.
func (w *workers) run(task func()) {
	for {
		task()
		select {
		case task = <-w.tasks:
		case <-w.stopping:
			return
		}
	}
}

// stop ends the workers when their work is done. Nothing may be done after it.
func (w *workers) stop() {
	close(w.stopping)
	w.running.Wait()
}
