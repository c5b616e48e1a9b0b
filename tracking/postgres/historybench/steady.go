package historybench

import (
	"context"
	"errors"
	"sync"
	"time"

	"waybill/internal/lifecycle"
)

const (
	steadyWriters = 4
	steadyBatch   = 100
	// steadyPause between two batches of a writer makes 4,000 fixes a second of all
	// together: a fleet of 10,000 at a fix each two and a half.
	steadyPause = 100 * time.Millisecond
	// emptyPause is between two commits of nothing.
	emptyPause = 20 * time.Millisecond
)

// commit is one that was timed.
type commit struct {
	began time.Time
	took  time.Duration
}

// steady is a fleet that goes on reporting: several writers commit small batches at
// an even pace, whatever else goes on. Beside them one commits nothing, which tells what
// the disk makes everybody wait.
type steady struct {
	reporter *reporter
	stop     context.CancelFunc
	writers  sync.WaitGroup

	mu             sync.Mutex
	commits, empty []commit // guarded by mu
	errs           []error  // guarded by mu
}

// report has the fleet report until [steady.end].
func (f *fleet) report(ctx context.Context) (*steady, error) {
	r, err := f.reporter(ctx)
	if err != nil {
		return nil, err
	}
	s := &steady{reporter: r}
	ctx, s.stop = context.WithCancel(ctx)
	for writer := range steadyWriters {
		s.writers.Go(func() { s.write(ctx, writer) })
	}
	s.writers.Go(func() {
		s.every(ctx, emptyPause, &s.empty, func(int) error {
			// A record that asks for nothing but to be on the disk.
			_, err := f.pool.Exec(ctx, "select pg_logical_emit_message(true, 'waybill', '')")
			return err
		})
	})
	return s, nil
}

// end stops the writers. What they committed is there from then on.
func (s *steady) end() error {
	s.stop()
	s.writers.Wait()
	return errors.Join(s.errs...)
}

// write commits batches of every fourth device.
func (s *steady) write(ctx context.Context, writer int) {
	// One after the other, as sources are.
	if lifecycle.Pause(ctx, time.Duration(writer)*steadyPause/steadyWriters) != nil {
		return
	}
	s.every(ctx, steadyPause, &s.commits, func(round int) error {
		return s.reporter.commit(ctx, round*steadyBatch*steadyWriters+writer, steadyBatch, steadyWriters)
	})
}

// every does the work at an even pace until the context ends, and notes how long it took.
func (s *steady) every(ctx context.Context, pace time.Duration, into *[]commit, work func(round int) error) {
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	for round := 0; ; round++ {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		began := time.Now()
		err := work(round)
		took := time.Since(began)
		if ctx.Err() != nil {
			return
		}
		s.mu.Lock()
		if err == nil {
			*into = append(*into, commit{began, took})
		} else {
			s.errs = append(s.errs, err)
		}
		s.mu.Unlock()
	}
}
