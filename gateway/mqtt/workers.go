package mqtt

import "sync"

// idleWorkers is how many workers wait for work at most.
const idleWorkers = 256

// workers do what needs a deep stack, on goroutines that are used again. Each device
// has a goroutine that waits for its next packet: if that did the work itself, each
// would keep a stack of 32 kB for the few that are at work at a time.
type workers struct {
	tasks    chan func()
	stopping chan struct{}
	slots    chan struct{} // one a worker that waits
	running  sync.WaitGroup
}

func newWorkers() *workers {
	return &workers{tasks: make(chan func()), stopping: make(chan struct{}), slots: make(chan struct{}, idleWorkers)}
}

// do has the work done and returns when it is. It never waits for a worker: there are
// as many as are needed.
func (w *workers) do(work func()) {
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
}

func (w *workers) run(task func()) {
	for {
		task()
		select {
		case w.slots <- struct{}{}:
		default:
			return // enough others wait
		}
		select {
		case task = <-w.tasks:
			<-w.slots
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
