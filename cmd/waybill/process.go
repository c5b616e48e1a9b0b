package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"waybill/internal/access"
	"waybill/internal/access/accessrpc"
	"waybill/internal/lifecycle"
	"waybill/internal/ops"
	"waybill/internal/rpcserver"
	accessv1 "waybill/proto/waybill/access/v1"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

// The roles.
const (
	roleGateway  = "gateway"
	roleTracking = "tracking"
	roleCRM      = "crm"
)

// readyEvery is how often gRPC's health service learns whether we are ready.
const readyEvery = 5 * time.Second

// process is one running Waybill while it is put together: the parts that every
// role shares, and a list of what is to be started, in order.
type process struct {
	settings *settings
	globals  *Globals
	log      *slog.Logger
	store    *store
	metrics  *prometheus.Registry
	conns    *conns
	rpc      *rpcserver.Server
	mux      *http.ServeMux
	// texts sends texts, where this process runs the gateway role.
	texts gatewayv1.TextServiceServer

	components []lifecycle.Component
	// leave is called before the gRPC server stops: services finish what they have
	// taken up.
	leave  []func()
	checks []ops.Check
}

// newProcess opens the database and makes what the roles share.
func newProcess(s *settings, g *Globals, db *store, log *slog.Logger) (*process, error) {
	grpcTLS, err := s.GRPCTLS.config()
	if err != nil {
		return nil, err
	}
	p := &process{settings: s, globals: g, log: log, store: db, metrics: prometheus.NewRegistry(), mux: http.NewServeMux()}
	p.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	p.conns = newConns(s.Peers, p.runs, grpcTLS != nil)
	tokens := access.NewStore(db.pool)
	p.rpc = rpcserver.New(rpcserver.Options{
		Guard: access.NewGuard(tokens, access.Methods(), log), Log: log, Metrics: p.metrics, TLS: grpcTLS,
	})
	accessv1.RegisterTokenServiceServer(p.rpc, accessrpc.New(tokens, log))
	p.check("database", func(ctx context.Context) error {
		if db.cluster != nil {
			if err := db.cluster.Health(); err != nil {
				return err
			}
		}
		return db.pool.Ping(ctx)
	})
	return p, nil
}

// runs says whether this process runs the role.
func (p *process) runs(role string) bool { return slices.Contains(p.settings.Roles, role) }

// check adds something that must hold for the process to be ready.
func (p *process) check(name string, probe func(ctx context.Context) error) {
	p.checks = append(p.checks, ops.Check{Name: name, Probe: probe})
}

// add adds a component that is started after those that are there.
func (p *process) add(name string, run func(ctx context.Context) error) {
	p.components = append(p.components, lifecycle.Component{Name: name, Run: run})
}

// run starts everything, with what extend adds unless it is nil, says so, and keeps
// it until the context ends.
func (p *process) run(ctx context.Context, extend func(p *process)) error {
	// gRPC comes after the roles: it is closed first, and so takes no calls for
	// what is stopping.
	if err := p.serveRPC(ctx); err != nil {
		return err
	}
	// HTTP comes last, so that whoever is told by /readyz finds what extend added.
	if extend != nil {
		extend(p)
	}
	if err := p.serveHTTP(ctx); err != nil {
		return err
	}
	p.components = append(p.components, lifecycle.Component{Name: "ready", Start: func(ctx context.Context) error {
		s := p.settings
		p.log.InfoContext(ctx, "ready", "roles", s.Roles, "http", s.HTTPAddress, "grpc", s.GRPCAddress, "mqtt", s.MQTTAddress)
		return nil
	}})
	return errors.Join(lifecycle.Run(ctx, p.log, p.components...), p.conns.close())
}

func (p *process) serveRPC(ctx context.Context) error {
	listener, err := listen(ctx, "grpc", p.settings.GRPCAddress)
	if err != nil {
		return err
	}
	p.components = append(p.components, lifecycle.Component{
		Name: "gRPC",
		Run:  func(ctx context.Context) error { return p.rpc.Run(ctx, listener, p.conns.inside) },
		Stop: func(context.Context) error {
			for _, leave := range p.leave {
				leave()
			}
			return nil
		},
	})
	p.add("health", func(ctx context.Context) error {
		tick := time.NewTicker(readyEvery)
		defer tick.Stop()
		for {
			p.rpc.SetReady(ops.Ready(ctx, p.checks...))
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
	})
	return nil
}

func (p *process) serveHTTP(ctx context.Context) error {
	config, err := p.settings.HTTPTLS.config()
	if err != nil {
		return err
	}
	listener, err := listen(ctx, "http", p.settings.HTTPAddress)
	if err != nil {
		return err
	}
	ops.Register(p.mux, p.metrics, p.checks...)
	server := ops.NewServer(p.mux, p.log)
	server.TLSConfig = config
	streams, endStreams := context.WithCancel(context.WithoutCancel(ctx))
	server.BaseContext = func(net.Listener) context.Context { return streams }
	p.components = append(p.components, lifecycle.Component{
		Name: "HTTP",
		Run: func(context.Context) error {
			var err error
			if config != nil {
				err = server.ServeTLS(listener, "", "")
			} else {
				err = server.Serve(listener)
			}
			if errors.Is(err, http.ErrServerClosed) {
				return nil
			}
			return fmt.Errorf("serve HTTP: %w", err)
		},
		Stop: func(ctx context.Context) error {
			endStreams()
			return server.Shutdown(ctx)
		},
	})
	return nil
}
