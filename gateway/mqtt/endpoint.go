package mqtt

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waybill/gateway"
)

// EndpointSettings are the settings of an [Endpoint]. The zero value of each field but Address means its default.
type EndpointSettings struct {
	// Address is where to listen, host:port.
	Address string
	// TLS switches TLS on.
	TLS *tls.Config
	// MaxPacket is how large a PUBLISH may be, in bytes; 256 KiB. A larger one is kept as rejected input (its
	// beginning) and acknowledged.
	MaxPacket int
	// MaxConnections is how many devices may be connected at once; 20,000.
	MaxConnections int
	// CommitTimeout is how long a publish may wait for its commit; 8 s, and always below the keep-alive of its device,
	// because its pings wait behind it.
	CommitTimeout time.Duration
	// ConnectTimeout is how long a device may take to say who it is; 10 s.
	ConnectTimeout time.Duration
	// Recheck is how often a device that stays connected is looked up again, so that one that was disabled is no
	// longer believed; 30 s.
	Recheck time.Duration
	// Ready says whether the stores are there; connections are refused while it says no. Nil: always.
	Ready func() bool
}

// Endpoint is what devices connect to.
type Endpoint struct {
	settings EndpointSettings
	log      *slog.Logger
	service  *service
	listener *listener
	running  sync.WaitGroup // the listener
	stopping sync.Once
}

// NewEndpoint makes an endpoint; Start opens it. Its metrics are registered with the registry.
func NewEndpoint(s EndpointSettings, intake *gateway.Intake, directory gateway.Directory, log *slog.Logger, registry prometheus.Registerer) *Endpoint {
	s.MaxPacket = cmp.Or(s.MaxPacket, 256<<10)
	s.MaxConnections = cmp.Or(s.MaxConnections, 20_000)
	s.CommitTimeout = cmp.Or(s.CommitTimeout, 8*time.Second)
	s.ConnectTimeout = cmp.Or(s.ConnectTimeout, 10*time.Second)
	s.Recheck = cmp.Or(s.Recheck, 30*time.Second)
	return &Endpoint{settings: s, log: log, service: newService(s, intake, directory, log, newEndpointMetrics(registry))}
}

// Start listens and serves until Stop.
func (e *Endpoint) Start(ctx context.Context) error {
	socket, err := new(net.ListenConfig).Listen(ctx, "tcp", e.settings.Address)
	if err != nil {
		return fmt.Errorf("listen for MQTT devices on %s: %w; is another server running there? Choose another address", e.settings.Address, err)
	}
	if e.settings.TLS != nil {
		socket = tls.NewListener(socket, e.settings.TLS)
	}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	e.listener = &listener{
		Listener: socket, limit: e.settings.MaxConnections, packet: e.settings.MaxPacket, serve: e.service.serve,
		log: e.log, refused: e.service.metrics.refused.WithLabelValues("full").Inc, ctx: life, stop: stop, conns: make(map[*conn]struct{}),
	}
	e.running.Go(e.listener.run)
	return nil
}

// Addr is where the endpoint listens.
func (e *Endpoint) Addr() net.Addr { return e.listener.Addr() }

// Stop takes no more connections and publishes, waits until those in hand are acknowledged or ctx ends, and closes
// everything. A second call does nothing.
func (e *Endpoint) Stop(ctx context.Context) error {
	if e.listener == nil {
		return nil
	}
	var err error
	e.stopping.Do(func() {
		err = e.listener.drain(ctx)
		e.listener.stop()
		e.running.Wait()
		e.service.logins.stop()
		e.service.workers.stop()
	})
	return err
}
