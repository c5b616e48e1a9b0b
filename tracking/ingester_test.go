package tracking_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"waybill/internal/pgtest"
	"waybill/tracking"
	"waybill/tracking/postgres"
)

// troubled is a real store that has trouble when a test wants it to.
type troubled struct {
	*postgres.FixStore
	pool    *pgxpool.Pool
	before  func(ctx context.Context, records []tracking.Record) error // may be nil
	after   func() error                                               // may be nil
	commits atomic.Int64
}

func (s *troubled) Commit(ctx context.Context, records []tracking.Record) (tracking.Committed, error) {
	s.commits.Add(1)
	if s.before != nil {
		if err := s.before(ctx, records); err != nil {
			return tracking.Committed{}, err
		}
	}
	committed, err := s.FixStore.Commit(ctx, records)
	if err == nil && s.after != nil {
		if err := s.after(); err != nil {
			return tracking.Committed{}, err // the answer is lost, too
		}
	}
	return committed, err
}

func newStore(t *testing.T, devices ...string) *troubled {
	t.Helper()
	pool := pgtest.New(t)
	for _, uid := range devices {
		_, err := pool.Exec(t.Context(), `with d as (insert into tracking.device (uid) values ($1) returning id)
			insert into tracking.device_state (device_id) select id from d`, uid)
		require.NoError(t, err)
	}
	return &troubled{FixStore: postgres.NewFixStore(pool, postgres.FixOptions{}), pool: pool}
}

// run starts an ingester that is stopped, and waited for, when the test ends or
// calls stop.
func run(t *testing.T, store tracking.Store, options tracking.IngesterOptions) (in *tracking.Ingester, stop func()) {
	t.Helper()
	in = tracking.NewIngester(store, options)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = in.Run(ctx)
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return in, stop
}

func report(device string, n int) tracking.Report {
	return tracking.Report{Device: device, Received: second(n + 1), Source: "test", Fix: tracking.NewFix(second(n), orb.Point{116.4, 39.9})}
}

func (s *troubled) count(t *testing.T) (n int) {
	t.Helper()
	require.NoError(t, s.pool.QueryRow(t.Context(), "select count(*) from tracking.position").Scan(&n))
	return n
}

func expectedMetrics() *strings.Reader {
	return strings.NewReader(`# HELP waybill_tracking_fixes_total Fixes that were delivered, by what became of them.
# TYPE waybill_tracking_fixes_total counter
waybill_tracking_fixes_total{outcome="conflict"} 1
waybill_tracking_fixes_total{outcome="duplicate"} 1
waybill_tracking_fixes_total{outcome="rejected"} 4
waybill_tracking_fixes_total{outcome="stored"} 3
`)
}

func outcomeKinds(outcomes []tracking.Outcome) (kinds []tracking.OutcomeKind) {
	for _, o := range outcomes {
		kinds = append(kinds, o.Kind)
	}
	return kinds
}

func TestIngesterDecidesEach(t *testing.T) {
	t.Parallel()
	store := newStore(t, "a", "b")
	hub, registry := tracking.NewHub(), prometheus.NewRegistry()
	watch := hub.Subscribe(tracking.Filter{Devices: []string{"a"}})
	defer watch.Close()
	in, _ := run(t, store, tracking.IngesterOptions{Hub: hub, Registerer: registry})

	wrong, future, conflicting := report("a", 1), report("a", 2), report("a", 0)
	wrong.Fix.Position[1] = 91
	future.Fix.Time = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	conflicting.Fix.Position[0] = 117
	outcomes, err := in.Deliver(t.Context(), []tracking.Report{
		report("a", 0), report("nobody", 0), wrong, report("b", 0), future, report("a", 0), conflicting, report("a\x00", 0), report("a", 3),
	})
	require.NoError(t, err)
	require.Equal(t, []tracking.OutcomeKind{
		tracking.Stored, tracking.Rejected, tracking.Rejected, tracking.Stored, tracking.Rejected,
		tracking.Duplicate, tracking.Conflict, tracking.Rejected, tracking.Stored,
	}, outcomeKinds(outcomes))
	require.Equal(t, tracking.ReasonUnknownDevice, outcomes[1].Reason)
	require.Equal(t, tracking.ReasonPosition, outcomes[2].Reason)
	require.Equal(t, tracking.ReasonFuture, outcomes[4].Reason)
	require.Equal(t, 3, store.count(t))
	require.Equal(t, []string{"/a@3"}, next(t, watch))
	require.NoError(t, testutil.GatherAndCompare(registry, expectedMetrics(), "waybill_tracking_fixes_total"))

	// A device that comes later is known at once.
	_, err = store.pool.Exec(t.Context(), `with d as (insert into tracking.device (uid) values ('nobody') returning id)
		insert into tracking.device_state (device_id) select id from d`)
	require.NoError(t, err)
	outcomes, err = in.Deliver(t.Context(), []tracking.Report{report("nobody", 0)})
	require.NoError(t, err)
	require.Equal(t, tracking.Stored, outcomes[0].Kind)
	// And one that goes isn't any more, though it had been remembered.
	_, err = store.pool.Exec(t.Context(), `delete from tracking.device_state where device_id = (select id from tracking.device where uid = 'nobody')`)
	require.NoError(t, err)
	outcomes, err = in.Deliver(t.Context(), []tracking.Report{report("nobody", 1)})
	require.NoError(t, err)
	require.Equal(t, tracking.ReasonUnknownDevice, outcomes[0].Reason)
}

func TestIngesterTakesManySources(t *testing.T) {
	t.Parallel()
	const sources, each = 20, 50
	var devices []string
	for i := range sources {
		devices = append(devices, fmt.Sprintf("unit-%d", i))
	}
	store := newStore(t, devices...)
	in, _ := run(t, store, tracking.IngesterOptions{MaxBatch: 100, QueueLength: 10})
	var running sync.WaitGroup
	errs := make(chan error, sources)
	for _, device := range devices {
		running.Go(func() {
			for n := range each {
				outcomes, err := in.Deliver(t.Context(), []tracking.Report{report(device, n), report("unit-0", 100+n)})
				if err == nil && outcomes[0].Kind != tracking.Stored {
					err = fmt.Errorf("%v", outcomes)
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	running.Wait()
	close(errs)
	require.NoError(t, <-errs)
	require.Equal(t, sources*each+each, store.count(t))
}

func TestIngesterIsolatesWhatTheStoreRefuses(t *testing.T) {
	t.Parallel()
	store := newStore(t, "a", "b")
	in, _ := run(t, store, tracking.IngesterOptions{Writers: 1})
	var reports []tracking.Report
	for n := range 50 {
		reports = append(reports, report("a", n), report("b", n))
	}
	for _, poison := range []int{17, 64} {
		reports[poison].Fix.Attributes = map[string]any{"huge": json.Number("1e200000")}
	}
	outcomes, err := in.Deliver(t.Context(), reports)
	require.NoError(t, err)
	for i, outcome := range outcomes {
		if i == 17 || i == 64 {
			require.Equal(t, tracking.ReasonValue, outcome.Reason)
			continue
		}
		require.Equal(t, tracking.Stored, outcome.Kind, i)
	}
	require.Equal(t, 98, store.count(t))
}

func TestIngesterTriesAgain(t *testing.T) {
	t.Parallel()
	store := newStore(t, "a")
	left := 3
	store.before = func(context.Context, []tracking.Record) error {
		if left--; left >= 0 {
			return fmt.Errorf("%w: as the test wants", tracking.ErrUnavailable)
		}
		return nil
	}
	in, _ := run(t, store, tracking.IngesterOptions{})
	outcomes, err := in.Deliver(t.Context(), []tracking.Report{report("a", 0)})
	require.NoError(t, err)
	require.Equal(t, tracking.Stored, outcomes[0].Kind)
	require.EqualValues(t, 4, store.commits.Load())
}

func TestIngesterResolvesUnknownCommit(t *testing.T) {
	t.Parallel()
	store := newStore(t, "a")
	var lost atomic.Bool
	store.after = func() error {
		if lost.CompareAndSwap(false, true) {
			return fmt.Errorf("%w: the answer was lost", tracking.ErrUnavailable)
		}
		return nil
	}
	in, _ := run(t, store, tracking.IngesterOptions{})
	outcomes, err := in.Deliver(t.Context(), []tracking.Report{report("a", 0)})
	require.NoError(t, err)
	require.Equal(t, []tracking.OutcomeKind{tracking.Duplicate}, outcomeKinds(outcomes))
	require.Equal(t, 1, store.count(t))
}

func TestIngesterGivesUpInTime(t *testing.T) {
	t.Parallel()
	store := newStore(t, "a")
	store.before = func(context.Context, []tracking.Record) error {
		return fmt.Errorf("%w: as the test wants", tracking.ErrUnavailable)
	}
	in, _ := run(t, store, tracking.IngesterOptions{UnavailableAfter: 100 * time.Millisecond})
	outcomes, err := in.Deliver(t.Context(), []tracking.Report{report("a", 0), report("nobody", 0)})
	require.ErrorIs(t, err, tracking.ErrUnavailable)
	require.True(t, tracking.IsRetryable(err))
	require.Equal(t, []tracking.OutcomeKind{tracking.Retry, tracking.Rejected}, outcomeKinds(outcomes))
}

func TestIngesterPassesOnWhatNobodyExpected(t *testing.T) {
	t.Parallel()
	store := newStore(t, "a")
	unexpected := errors.New("unexpected")
	store.before = func(context.Context, []tracking.Record) error { return unexpected }
	in, _ := run(t, store, tracking.IngesterOptions{})
	outcomes, err := in.Deliver(t.Context(), []tracking.Report{report("a", 0)})
	require.ErrorIs(t, err, unexpected)
	require.Equal(t, tracking.Retry, outcomes[0].Kind)
}

func TestIngesterPushesBack(t *testing.T) {
	t.Parallel()
	store := newStore(t, "a")
	entered, release := make(chan struct{}, 10), make(chan struct{})
	store.before = func(context.Context, []tracking.Record) error {
		entered <- struct{}{}
		<-release
		return nil
	}
	in, stop := run(t, store, tracking.IngesterOptions{Writers: 1, MaxBatch: 1, QueueLength: 1})
	first := make(chan error, 1)
	go func() {
		_, err := in.Deliver(t.Context(), []tracking.Report{report("a", 0)})
		first <- err
	}()
	<-entered
	// One is being committed, one waits, the next has no room.
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	outcomes, err := in.Deliver(ctx, []tracking.Report{report("a", 1), report("a", 2)})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Empty(t, outcomes)

	// What was accepted is finished, even by a stop.
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	close(release)
	require.NoError(t, <-first)
	<-stopped
	require.Equal(t, 2, store.count(t))
	_, err = in.Deliver(t.Context(), []tracking.Report{report("a", 3)})
	require.ErrorIs(t, err, tracking.ErrUnavailable)
}
