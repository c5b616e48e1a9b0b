package rpc_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/connectivity"

	"waybill/tracking"
	"waybill/tracking/rpc"
)

// listSink stores nothing and notes what came, in its order.
type listSink struct {
	mu      sync.Mutex
	reports []tracking.Report // guarded by mu
	hold    chan struct{}     // when it is there, answers wait until it is closed
}

func (s *listSink) Deliver(ctx context.Context, reports []tracking.Report) ([]tracking.Outcome, error) {
	s.mu.Lock()
	s.reports = append(s.reports, reports...)
	hold := s.hold
	s.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	outcomes := make([]tracking.Outcome, len(reports))
	for i := range outcomes {
		outcomes[i].Kind = tracking.Stored
	}
	return outcomes, nil
}

func (s *listSink) has() []tracking.Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]tracking.Report(nil), s.reports...)
}

// cluster is several tracking processes and a client that spreads over them.
type cluster struct {
	bed     *bed
	sinks   []*listSink
	servers []*serving
	conns   []rpc.Connection
	client  *rpc.Client
}

func newCluster(t *testing.T, n int) *cluster {
	t.Helper()
	c := &cluster{bed: newBed(t, peer())}
	var processes []rpc.Process
	for i := range n {
		c.sinks = append(c.sinks, new(listSink))
		c.servers = append(c.servers, serveSink(t, c.bed, c.sinks[i], "127.0.0.1:0", peer()))
		conn := dial(t, c.servers[i].address)
		c.conns = append(c.conns, conn)
		processes = append(processes, rpc.Process{Name: fmt.Sprint("process-", i), Connection: conn})
	}
	c.client = rpc.NewClient(dial(t, c.servers[0].address), processes...)
	t.Cleanup(c.client.Close)
	for i := range n {
		c.await(t, i, connectivity.Ready)
	}
	return c
}

// await waits until the connection to a process is in the state.
func (c *cluster) await(t *testing.T, i int, state connectivity.State) {
	t.Helper()
	for now := c.conns[i].GetState(); now != state; now = c.conns[i].GetState() {
		require.True(t, c.conns[i].WaitForStateChange(t.Context(), now))
	}
}

func (c *cluster) deliver(t *testing.T, reports ...tracking.Report) {
	t.Helper()
	outcomes, err := c.client.Deliver(t.Context(), reports)
	require.NoError(t, err)
	for _, o := range outcomes {
		require.Equal(t, tracking.Stored, o.Kind, o.Detail)
	}
}

// owners says by which process each device was served since the last call.
func (c *cluster) owners() map[string]int {
	owners := make(map[string]int)
	for i, sink := range c.sinks {
		for _, r := range sink.has() {
			owners[r.Device] = i
		}
		sink.mu.Lock()
		sink.reports = nil
		sink.mu.Unlock()
	}
	return owners
}

func TestDevicesAreSpreadAndMove(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3)
	var reports []tracking.Report
	for n := range 60 {
		reports = append(reports, report(fmt.Sprint("unit-", n), 1))
	}
	c.deliver(t, reports...)
	first := c.owners()
	counts := make([]int, 3)
	for _, i := range first {
		counts[i]++
	}
	for i, n := range counts {
		require.Positive(t, n, "process %d has its share", i)
	}

	c.servers[1].stop()
	for c.conns[1].GetState() == connectivity.Ready {
		require.True(t, c.conns[1].WaitForStateChange(t.Context(), connectivity.Ready))
	}
	c.deliver(t, reports...)
	without := c.owners()
	require.Len(t, without, len(reports))
	for device, i := range first {
		require.NotEqual(t, 1, without[device])
		if i != 1 {
			require.Equal(t, i, without[device], "only its share moves")
		}
	}

	c.servers[1] = serveSink(t, c.bed, c.sinks[1], c.servers[1].address, peer())
	c.await(t, 1, connectivity.Ready)
	c.deliver(t, reports...)
	require.Equal(t, first, c.owners(), "it takes its share again")
}

// A device's later reports don't overtake those that went another way.
func TestOrderIsKeptWhereDevicesMove(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2)
	device := ""
	for n := 0; device == ""; n++ {
		uid := fmt.Sprint("unit-", n)
		c.deliver(t, report(uid, 1))
		if c.owners()[uid] == 1 {
			device = uid
		}
	}
	c.servers[1].stop()
	for c.conns[1].GetState() == connectivity.Ready {
		require.True(t, c.conns[1].WaitForStateChange(t.Context(), connectivity.Ready))
	}
	hold := make(chan struct{})
	c.sinks[0].mu.Lock()
	c.sinks[0].hold = hold
	c.sinks[0].mu.Unlock()
	// Its sender doesn't wait for the answer any more, and yet it may be stored.
	ctx, cancel := context.WithCancel(t.Context())
	var sending sync.WaitGroup
	sending.Go(func() { _, _ = c.client.Deliver(ctx, []tracking.Report{report(device, 2)}) })
	require.Eventually(t, func() bool { return len(c.sinks[0].has()) == 1 }, 30*time.Second, time.Millisecond)
	cancel()
	sending.Wait()

	c.servers[1] = serveSink(t, c.bed, c.sinks[1], c.servers[1].address, peer())
	c.await(t, 1, connectivity.Ready)
	later := make(chan error, 1)
	sending.Go(func() {
		_, err := c.client.Deliver(t.Context(), []tracking.Report{report(device, 3)})
		later <- err
	})
	// Other devices of the process that came back are served, and so this one could be.
	other := ""
	for n := 0; other == ""; n++ {
		uid := fmt.Sprint("other-", n)
		short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if _, err := c.client.Deliver(short, []tracking.Report{report(uid, 1)}); err == nil {
			other = uid
		}
		cancel()
	}
	for _, r := range c.sinks[1].has() {
		require.NotEqual(t, device, r.Device)
	}
	close(hold)
	require.NoError(t, <-later)
	sending.Wait()
	served := c.sinks[1].has()
	require.Equal(t, report(device, 3).Fix.Time, served[len(served)-1].Fix.Time)
	require.Equal(t, device, served[len(served)-1].Device)
}

// A process that takes streams and ends them is passed over; its devices are served.
func TestRefusingProcessIsPassedOver(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2)
	c.servers[1].fixes.Close() // its streams end at once, its connection stays
	reports := make([]tracking.Report, 20)
	for n := range reports {
		reports[n] = report(fmt.Sprint("unit-", n), 1)
	}
	require.Eventually(t, func() bool {
		outcomes, err := c.client.Deliver(t.Context(), reports)
		if err != nil {
			return false
		}
		for _, o := range outcomes {
			if o.Kind != tracking.Stored {
				return false
			}
		}
		return true
	}, 30*time.Second, time.Millisecond)
	require.Empty(t, c.sinks[1].has())
}
