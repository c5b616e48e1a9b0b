package mqtt_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"waybill/gateway"
	"waybill/gateway/mqtt"
	"waybill/gateway/postgres"
	"waybill/internal/pgtest"
	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patienceOfTests is how long a test waits for what has to come.
const patienceOfTests = 30 * time.Second

// rig is a gateway on a real store, with one device "truck-1".
type rig struct {
	pool      *pgxpool.Pool
	registry  *trackingpg.Registry
	store     *postgres.Store
	gate      *gate
	intake    *gateway.Intake
	metrics   *prometheus.Registry
	endpoint  *mqtt.Endpoint
	password  string
	connected int // names the clients
}

func newRig(t *testing.T, s mqtt.EndpointSettings) *rig {
	t.Helper()
	r := &rig{pool: pgtest.New(t), metrics: prometheus.NewRegistry()}
	r.registry = trackingpg.NewRegistry(r.pool, "CN")
	r.store = postgres.New(r.pool, postgres.Bounds{})
	ingester := tracking.NewIngester(trackingpg.NewFixStore(r.pool, trackingpg.FixOptions{}), tracking.IngesterOptions{})
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context())) // it outlives what the cleanups stop
	var running sync.WaitGroup
	running.Go(func() { _ = ingester.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })

	r.gate = &gate{sink: ingester}
	r.intake = gateway.NewIntake(r.gate, r.store, gateway.Settings{RejectBurst: 1000}, slog.New(slog.DiscardHandler), r.metrics)
	s.Address = "127.0.0.1:0"
	r.endpoint = mqtt.NewEndpoint(s, r.intake, r.registry, slog.New(slog.DiscardHandler), r.metrics)
	require.NoError(t, r.endpoint.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patienceOfTests)
		defer cancel()
		require.NoError(t, r.endpoint.Stop(ctx))
	})
	r.password = r.device(t, "truck-1")
	return r
}

// device makes a device and returns its password.
func (r *rig) device(t *testing.T, uid string) string {
	t.Helper()
	_, err := r.registry.CreateDevice(t.Context(), tracking.Device{UID: uid}, "")
	require.NoError(t, err)
	password, err := r.registry.RotateCredential(t.Context(), uid)
	require.NoError(t, err)
	return password
}

// options connect as the device truck-1, without coming back by themselves.
func (r *rig) options() *paho.ClientOptions {
	r.connected++
	return paho.NewClientOptions().AddBroker("tcp://" + r.endpoint.Addr().String()).SetClientID(fmt.Sprint("client-", r.connected)).
		SetUsername("truck-1").SetPassword(r.password).SetAutoReconnect(false).SetConnectTimeout(patienceOfTests)
}

func connect(t *testing.T, o *paho.ClientOptions) paho.Client {
	t.Helper()
	client := paho.NewClient(o)
	await(t, client.Connect())
	t.Cleanup(func() { client.Disconnect(0) })
	return client
}

func await(t *testing.T, token paho.Token) {
	t.Helper()
	require.True(t, token.WaitTimeout(patienceOfTests), "no acknowledgement")
	require.NoError(t, token.Error())
}

// stored is how many positions the device has.
func (r *rig) stored(t *testing.T) (n int) {
	t.Helper()
	require.NoError(t, r.pool.QueryRow(t.Context(), "select count(*) from tracking.position").Scan(&n))
	return n
}

func (r *rig) rejected(t *testing.T) []gateway.RejectedInput {
	t.Helper()
	inputs, err := r.store.List(t.Context(), "", "", postgres.Position{}, 1000)
	require.NoError(t, err)
	return inputs
}

// location is OwnTracks JSON of a fix in Beijing, at the second of a minute of today.
func location(second int) string {
	return fmt.Sprintf(`{"_type":"location","lat":39.9,"lon":116.4,"tst":%d,"vel":36,"tid":"t1"}`, today().Unix()+int64(second))
}

func today() time.Time { return time.Now().UTC().Truncate(time.Hour).Add(-time.Hour) }

// gate stands before the sink: tests can hold what passes, or say that the store is away.
type gate struct {
	sink gateway.Sink

	mu     sync.Mutex
	hold   chan struct{} // guarded by mu; closed to let pass
	away   bool          // guarded by mu
	before chan struct{} // guarded by mu; closed when the first comes to a held gate
}

// shut makes deliveries wait. It returns a signal for the first that does, and how to open again.
func (g *gate) shut() (waiting <-chan struct{}, open func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	hold := make(chan struct{})
	g.hold, g.before = hold, make(chan struct{})
	return g.before, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.hold = nil
		close(hold)
	}
}

func (g *gate) setAway(away bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.away = away
}

func (g *gate) Deliver(ctx context.Context, reports []tracking.Report) ([]tracking.Outcome, error) {
	g.mu.Lock()
	hold, away := g.hold, g.away
	if g.before != nil {
		close(g.before)
		g.before = nil
	}
	g.mu.Unlock()
	if away {
		return nil, tracking.ErrUnavailable
	}
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return g.sink.Deliver(ctx, reports)
}
