package custody_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"waybill/crm/crmtest"
	"waybill/crm/custody"
	"waybill/crm/order"
)

func loaded(t *testing.T) *crmtest.World {
	t.Helper()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	w.Happen(t, "SO-1", order.Storing, crmtest.At(0), crmtest.Bay, "")
	w.Drive(t, crmtest.At(1), crmtest.AtFactory)
	w.Happen(t, "SO-1", order.Loading, crmtest.At(2), crmtest.Factory, crmtest.Truck)
	return w
}

func left(t *testing.T, w *crmtest.World) int {
	t.Helper()
	var n int
	require.NoError(t, w.Pool.QueryRow(t.Context(), "select count(*) from tracking.transition_outbox").Scan(&n))
	return n
}

func TestWholeWay(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	w.Happen(t, "SO-1", order.Commissioning, crmtest.At(-60), crmtest.Station, "")
	w.Happen(t, "SO-1", order.Storing, crmtest.At(-30), crmtest.Bay, "")
	w.Drive(t, crmtest.At(0), crmtest.AtFactory)
	w.Happen(t, "SO-1", order.Loading, crmtest.At(1), crmtest.Factory, crmtest.Truck)
	w.Drive(t, crmtest.At(10), crmtest.OnRoad)
	w.Drive(t, crmtest.At(20), crmtest.AtDepot) // a visit only
	w.Drive(t, crmtest.At(25), crmtest.OnRoad)
	w.Drive(t, crmtest.At(30), crmtest.AtLab)
	w.Drain(t)
	require.Equal(t, []string{"commissioning", "storing", "loading", "departing*", "arriving*"}, w.Events(t, "SO-1"))
	o, err := w.Orders.Get(t.Context(), "SO-1")
	require.NoError(t, err)
	require.Equal(t, order.StatusOutForDelivery, o.Status)

	w.Happen(t, "SO-1", order.Accepting, crmtest.At(40), "", "")
	w.Drive(t, crmtest.At(50), crmtest.OnRoad)
	w.Drain(t)
	tracked, err := w.Orders.Track(t.Context(), "SO-1")
	require.NoError(t, err)
	require.Equal(t, order.StatusDelivered, tracked.Order.Status)
	require.Equal(t, crmtest.AcmeSite, tracked.Shipments[0].State.Holder)
	var stages []order.Stage
	for _, s := range tracked.Shipments[0].State.Stages {
		stages = append(stages, s.Stage)
	}
	require.Equal(t, []order.Stage{order.Production, order.Warehouse, order.Transit, order.Delivered}, stages)
}

// A load that is recorded after the truck has arrived picks up what it did since.
func TestLateLoading(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Order(t, "SO-1", "acme", "lab")
	w.Happen(t, "SO-1", order.Storing, crmtest.At(-5), crmtest.Bay, "")
	w.Drive(t, crmtest.At(0), crmtest.AtFactory)
	w.Drive(t, crmtest.At(10), crmtest.OnRoad)
	w.Drive(t, crmtest.At(30), crmtest.AtLab)
	w.Drain(t)
	require.Equal(t, []string{"storing"}, w.Events(t, "SO-1"))
	w.Happen(t, "SO-1", order.Loading, crmtest.At(2), "", crmtest.Truck)
	require.Equal(t, []string{"storing", "loading", "departing*", "arriving*"}, w.Events(t, "SO-1"))
	// And an acceptance from before it arrived takes the arrival back.
	w.Happen(t, "SO-1", order.Accepting, crmtest.At(20), "", "")
	require.Equal(t, []string{"storing", "loading", "departing*", "accepting", "-arriving*"}, w.Events(t, "SO-1"))
}

// A fix that comes late moves the departure to where it really was.
func TestRetraction(t *testing.T) {
	t.Parallel()
	w := loaded(t)
	w.Drive(t, crmtest.At(20), crmtest.OnRoad)
	w.Drain(t)
	require.Equal(t, []string{"storing", "loading", "departing*"}, w.Events(t, "SO-1"))
	w.Drive(t, crmtest.At(10), crmtest.OnRoad)
	w.Drain(t)
	require.Equal(t, []string{"storing", "loading", "departing*", "-departing*"}, w.Events(t, "SO-1"))
	events, _, err := w.Orders.Events(t.Context(), "SO-1", "1", true, 10, "")
	require.NoError(t, err)
	require.Equal(t, crmtest.At(10), events[2].Time)
	require.Equal(t, order.DidNotOccur, events[3].Correction)
	require.False(t, events[3].CorrectionTime.IsZero())
}

// crashing cuts its own connection after the work was done, so often.
type crashing struct {
	custody.Orders
	mu    sync.Mutex
	times int
}

func (c *crashing) Follow(ctx context.Context, tx pgx.Tx, vehicle string, span order.Span) ([]string, error) {
	changed, err := c.Orders.Follow(ctx, tx, vehicle, span)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.times > 0 {
		c.times--
		_, _ = tx.Exec(ctx, "select pg_terminate_backend(pg_backend_pid())")
	}
	return changed, err
}

// Two consumers that run at once, of which one crashes again and again in the middle,
// leave nothing in the outbox and do nothing twice.
func TestExactlyOnce(t *testing.T) {
	t.Parallel()
	w := loaded(t)
	const trips = 12
	for i := range trips {
		at := 10 + 10*float64(i)
		w.Drive(t, crmtest.At(at), crmtest.OnRoad)
		w.Drive(t, crmtest.At(at+5), crmtest.AtFactory)
	}
	w.Drive(t, crmtest.At(200), crmtest.AtLab)
	watch, err := w.Changes.Watch("SO-1")
	require.NoError(t, err)
	defer watch.Close()

	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, orders := range []custody.Orders{w.Orders, &crashing{Orders: w.Orders, times: 3}} {
		consumer := custody.NewConsumer(w.Pool, orders, w.Logger, custody.WithBatch(2), custody.WithPoll(50*time.Millisecond))
		running.Go(func() { consumer.Run(ctx) })
	}
	require.Eventually(t, func() bool { return left(t, w) == 0 }, time.Minute, 20*time.Millisecond)
	cancel()
	running.Wait()
	require.Equal(t, []string{"storing", "loading", "departing*", "arriving*"}, w.Events(t, "SO-1"))
	<-watch.C()
}

// poisoned can't follow one vehicle.
type poisoned struct {
	custody.Orders
	vehicle string
}

var errPoison = errors.New("poison")

func (p poisoned) Follow(ctx context.Context, tx pgx.Tx, vehicle string, span order.Span) ([]string, error) {
	if vehicle == p.vehicle {
		return nil, errPoison
	}
	return p.Orders.Follow(ctx, tx, vehicle, span)
}

func TestPoisonHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	w := loaded(t)
	w.Drain(t)
	for i := range 5 {
		_, err := w.Pool.Exec(t.Context(), `
			insert into tracking.transition_outbox (device, vehicle, zone, owner, kind, time, retracted, in_order, fresh)
			values ('d', 'cursed', 'z', 'facilities/works', 'departed', $1, false, true, true)`, crmtest.At(float64(i)))
		require.NoError(t, err)
	}
	w.Drive(t, crmtest.At(20), crmtest.OnRoad)
	metrics := custody.NewMetrics()
	registry := prometheus.NewRegistry()
	registry.MustRegister(metrics)
	consumer := custody.NewConsumer(w.Pool, poisoned{Orders: w.Orders, vehicle: "cursed"}, w.Logger, custody.WithMetrics(metrics))
	require.NoError(t, consumer.Drain(t.Context()))
	require.Equal(t, []string{"storing", "loading", "departing*"}, w.Events(t, "SO-1"))
	require.Equal(t, 5, left(t, w))
	families, err := registry.Gather()
	require.NoError(t, err)
	values := map[string]string{}
	for _, f := range families {
		m := f.GetMetric()[0]
		values[f.GetName()] = fmt.Sprint(m.GetCounter().GetValue() + m.GetGauge().GetValue())
	}
	require.Equal(t, "1", values["waybill_crm_blocked_vehicles"])
	require.Equal(t, "1", values["waybill_crm_transition_failures_total"])
}

// A consumer that runs hears of transitions without being asked.
func TestRunWakes(t *testing.T) {
	t.Parallel()
	w := loaded(t)
	watch, err := w.Changes.Watch("SO-1")
	require.NoError(t, err)
	defer watch.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { custody.NewConsumer(w.Pool, w.Orders, w.Logger).Run(ctx) })
	defer running.Wait()
	defer cancel()
	w.Drive(t, crmtest.At(20), crmtest.OnRoad)
	for len(w.Events(t, "SO-1")) < 3 {
		<-watch.C()
	}
}

// Recording a load and driving off at the same time loses no departure, whichever
// comes first.
func TestLoadingWhileDriving(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	w.Drive(t, crmtest.At(1), crmtest.AtFactory)
	ctx, cancel := context.WithCancel(t.Context())
	var consuming, recording sync.WaitGroup
	for range 2 {
		consumer := custody.NewConsumer(w.Pool, w.Orders, w.Logger, custody.WithPoll(20*time.Millisecond))
		consuming.Go(func() { consumer.Run(ctx) })
	}
	const orders = 8
	for i := range orders {
		id := fmt.Sprintf("SO-%d", i)
		w.Order(t, id, "acme", "lab")
		recording.Go(func() { w.Happen(t, id, order.Loading, crmtest.At(2), crmtest.Factory, crmtest.Truck) })
		if i == orders/2 {
			recording.Go(func() {
				w.Drive(t, crmtest.At(10), crmtest.OnRoad)
				w.Drive(t, crmtest.At(30), crmtest.AtLab)
			})
		}
	}
	recording.Wait()
	require.Eventually(t, func() bool { return left(t, w) == 0 }, time.Minute, 20*time.Millisecond)
	cancel()
	consuming.Wait()
	for i := range orders {
		require.Equal(t, []string{"loading", "departing*", "arriving*"}, w.Events(t, fmt.Sprintf("SO-%d", i)))
	}
}
