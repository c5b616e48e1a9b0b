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
)

// commit is one that was timed.
type commit struct {
	began time.Time
	took  time.Duration
}

// steady is a fleet that goes on reporting: several writers commit small batches at
// an even pace, whatever else goes on.
type steady struct {
	reporter *reporter
	stop     context.CancelFunc
	writers  sync.WaitGroup

	mu      sync.Mutex
	commits []commit // guarded by mu
	errs    []error  // guarded by mu
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
	return s, nil
}

// end stops the writers, and gives what they committed.
func (s *steady) end() ([]commit, error) {
	s.stop()
	s.writers.Wait()
	return s.commits, errors.Join(s.errs...)
}

// write commits batches of every fourth device.
func (s *steady) write(ctx context.Context, writer int) {
	// One after the other, as sources are.
	if lifecycle.Pause(ctx, time.Duration(writer)*steadyPause/steadyWriters) != nil {
		return
	}
	ticker := time.NewTicker(steadyPause)
	defer ticker.Stop()
	for round := 0; ; round++ {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		began := time.Now()
		err := s.reporter.commit(ctx, round*steadyBatch*steadyWriters+writer, steadyBatch, steadyWriters)
		took := time.Since(began)
		if ctx.Err() != nil {
			return
		}
		s.mu.Lock()
		if err == nil {
			s.commits = append(s.commits, commit{began, took})
		} else {
			s.errs = append(s.errs, err)
		}
		s.mu.Unlock()
	}
}
