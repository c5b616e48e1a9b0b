package rpcserver_test

import (
	"context"
	"log/slog"
	"net"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"waybill/internal/access"
	"waybill/internal/rpcserver"
)

// nobody bears a token.
type nobody struct{}

func (nobody) Authenticate(context.Context, string) (access.Caller, error) {
	return access.Caller{}, access.ErrUnauthenticated
}

func TestOpenStreamsEndWhenTheServerStops(t *testing.T) {
	t.Parallel()
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	log := slog.New(slog.DiscardHandler)
	server := rpcserver.New(rpcserver.Options{
		Guard: access.NewGuard(nobody{}, access.Methods(), log), Log: log, Metrics: prometheus.NewRegistry(),
	})
	server.SetReady(true)
	listener := bufconn.Listen(1 << 16)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx, listener) }()

	conn, err := grpc.NewClient("passthrough:///", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	require.NoError(t, err)
	stream, err := healthpb.NewHealthClient(conn).Watch(t.Context(), &healthpb.HealthCheckRequest{})
	require.NoError(t, err)
	first, err := stream.Recv()
	require.NoError(t, err)
	require.Equal(t, healthpb.HealthCheckResponse_SERVING, first.GetStatus())

	stop()
	require.NoError(t, <-ended, "an open stream must not hold the server")
	for err == nil {
		_, err = stream.Recv()
	}
	require.Equal(t, codes.Unavailable, status.Code(err))
	require.NoError(t, conn.Close())
}
