package mqtt

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWorkersDoAllAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorkers()
	const tasks = 2 * idleWorkers
	for range 3 { // with those that wait, too
		var begun, all sync.WaitGroup
		var did atomic.Int64
		begun.Add(tasks)
		for range tasks {
			all.Go(func() {
				w.do(func() {
					begun.Done()
					begun.Wait() // each waits for all the others
					did.Add(1)
				})
			})
		}
		all.Wait()
		require.EqualValues(t, tasks, did.Load())
	}
	require.LessOrEqual(t, len(w.slots), idleWorkers)
	w.stop()
}
