package rpc_test

import (
	"context"
	"log/slog"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"waybill/internal/access"
	"waybill/internal/pgtest"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
	"waybill/tracking/postgres"
	"waybill/tracking/rpc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bed is tracking as it runs: a database, and its gRPC server on a loopback port.
type bed struct {
	pool     *pgxpool.Pool
	registry *postgres.Registry
	history  *postgres.History
	ingester *tracking.Ingester
	hub      *tracking.Hub
	server   *serving
	conn     *grpc.ClientConn
	client   *rpc.Client
}

func newBed(t *testing.T, caller access.Caller) *bed {
	t.Helper()
	pool := pgtest.New(t)
	b := &bed{pool: pool, registry: postgres.NewRegistry(pool, "CN"), history: postgres.NewHistory(pool), hub: tracking.NewHub()}
	b.ingester = tracking.NewIngester(postgres.NewFixStore(pool, postgres.FixOptions{}), tracking.IngesterOptions{Hub: b.hub})
	background(t, func(ctx context.Context) { _ = b.ingester.Run(ctx) })
	b.server = b.serve(t, "127.0.0.1:0", caller)
	b.conn = dial(t, b.server.address)
	b.client = newClient(b.conn)
	t.Cleanup(b.client.Close)
	return b
}

// background runs until the test has ended, which waits for it.
func background(t *testing.T, run func(ctx context.Context)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// serving is a server that can be stopped before the test ends.
type serving struct {
	address string
	fixes   *rpc.FixServer
	stop    func()
}

func (b *bed) serve(t *testing.T, address string, caller access.Caller) *serving {
	t.Helper()
	return serveSink(t, b, b.ingester, address, caller)
}

func serveSink(t *testing.T, b *bed, sink rpc.Sink, address string, caller access.Caller) *serving {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	fixes := rpc.NewFixServer(rpc.FixOptions{Sink: sink, Senders: b.registry, History: b.history, Seen: b.history, Past: b.history, Hub: b.hub, Log: log})
	server := grpc.NewServer(
		grpc.UnaryInterceptor(func(ctx context.Context, r any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
			return handle(access.WithCaller(ctx, caller), r)
		}),
		grpc.StreamInterceptor(func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
			return handle(srv, calledStream{stream, access.WithCaller(stream.Context(), caller)})
		}),
	)
	trackingv1.RegisterDeviceServiceServer(server, rpc.NewDeviceServer(b.registry, log))
	trackingv1.RegisterVehicleServiceServer(server, rpc.NewVehicleServer(b.registry, b.history, log))
	trackingv1.RegisterZoneServiceServer(server, rpc.NewZoneServer(b.registry, log))
	trackingv1.RegisterDirectoryServiceServer(server, rpc.NewDirectoryServer(b.registry, log))
	trackingv1.RegisterFixServiceServer(server, fixes)
	trackingv1.RegisterDeviceEventServiceServer(server, rpc.NewDeviceEventServer(postgres.NewDeviceEvents(b.pool, 0), log))
	trackingv1.RegisterAlertServiceServer(server, rpc.NewAlertServer(b.history, log))
	trackingv1.RegisterHistoryServiceServer(server, rpc.NewHistoryServer(b.history, log))
	trackingv1.RegisterTripServiceServer(server, rpc.NewTripServer(b.history, log))
	trackingv1.RegisterPassageServiceServer(server, rpc.NewPassageServer(b.history, log))
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // it ends with Stop
	}()
	s := &serving{address: listener.Addr().String(), fixes: fixes, stop: func() {
		server.Stop()
		fixes.Close()
		<-done
	}}
	t.Cleanup(s.stop)
	return s
}

type calledStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s calledStream) Context() context.Context { return s.ctx }

func dial(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return conn
}

func peer() access.Caller { return access.Caller{Role: access.Peer} }

// newClient is a client of the one process.
func newClient(conn *grpc.ClientConn) *rpc.Client {
	return rpc.NewClient(conn, rpc.Process{Name: conn.Target(), Connection: conn})
}
