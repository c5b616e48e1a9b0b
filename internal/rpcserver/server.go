// Package rpcserver builds the gRPC server that every role has: guarded, logged,
// counted, with health and reflection.
package rpcserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"

	"waybill/internal/access"
)

const (
	// largestMessage bounds a request in bytes.
	largestMessage = 8 << 20
	// stopPatience is how long calls under way may take when the server stops.
	stopPatience = 10 * time.Second
	// idlePing is how often a quiet connection is asked whether it lives.
	idlePing = 30 * time.Second
)

// Options are what a server needs.
type Options struct {
	Guard   *access.Guard
	Log     *slog.Logger
	Metrics prometheus.Registerer
	// TLS serves in the clear when nil.
	TLS *tls.Config
}

// Server is a gRPC server. Register services on it, then Run it.
type Server struct {
	*grpc.Server
	health *health.Server
	log    *slog.Logger
	// stopping is closed by Run when it is to end. It ends the streams that are open,
	// which would otherwise go on for as long as their readers like.
	stopping chan struct{}
}

// New returns a server with health and reflection.
func New(o Options) *Server {
	watch := newObserver(o.Log, o.Metrics)
	stopping := make(chan struct{})
	options := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(largestMessage),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: idlePing}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: idlePing / 3, PermitWithoutStream: true}),
		grpc.ChainUnaryInterceptor(watch.unary, o.Guard.Unary),
		grpc.ChainStreamInterceptor(watch.stream, until(stopping), o.Guard.Stream),
	}
	if o.TLS != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(o.TLS)))
	}
	s := &Server{Server: grpc.NewServer(options...), health: health.NewServer(), log: o.Log, stopping: stopping}
	healthpb.RegisterHealthServer(s, s.health)
	reflection.Register(s)
	return s
}

// SetReady tells the health service whether the role can serve.
func (s *Server) SetReady(ready bool) {
	status := healthpb.HealthCheckResponse_NOT_SERVING
	if ready {
		status = healthpb.HealthCheckResponse_SERVING
	}
	s.health.SetServingStatus("", status)
}

// Run serves on the listeners until the context ends. Then it ends the streams and
// lets calls under way finish, for a while. Call it once.
func (s *Server) Run(ctx context.Context, listeners ...net.Listener) error {
	failed := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { failed <- s.Serve(l) }()
	}
	var err error
	waiting := len(listeners)
	select {
	case <-ctx.Done():
	case err = <-failed:
		waiting--
	}
	s.health.Shutdown()
	close(s.stopping)
	s.stop()
	for range waiting {
		if e := <-failed; e != nil && !errors.Is(e, grpc.ErrServerStopped) {
			err = errors.Join(err, e)
		}
	}
	if err != nil {
		return fmt.Errorf("serve gRPC: %w", err)
	}
	return nil
}

func (s *Server) stop() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.GracefulStop()
	}()
	patience := time.NewTimer(stopPatience)
	defer patience.Stop()
	select {
	case <-done:
	case <-patience.C:
		s.log.Warn("calls still under way were cut off")
		s.Stop()
		<-done
	}
}
