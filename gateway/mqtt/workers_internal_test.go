package mqtt

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWorkersAreBounded(t *testing.T) {
	t.Parallel()
	const most, tasks = 8, 100
	w := newWorkers(most)
	defer w.stop()
	var all sync.WaitGroup
	var at, did atomic.Int64
	var together sync.WaitGroup
	together.Add(most) // so many are at work at once, and no more
	for range tasks {
		all.Go(func() {
			err := w.do(t.Context(), func() {
				if at.Add(1) > most {
					t.Error("too many are at work")
				}
				if did.Add(1) <= most {
					together.Done()
					together.Wait()
				}
				at.Add(-1)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, tasks, did.Load())
}

func TestWaitForAWorkerEnds(t *testing.T) {
	t.Parallel()
	w := newWorkers(1)
	defer w.stop()
	hold, begun := make(chan struct{}), make(chan struct{})
	var busy sync.WaitGroup
	busy.Go(func() {
		_ = w.do(t.Context(), func() {
			close(begun)
			<-hold
		})
	})
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, w.do(ctx, func() { t.Error("it was too late") }), context.Canceled)
	close(hold)
	busy.Wait()
}
