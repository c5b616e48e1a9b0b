package main

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// A peer that goes silent, its connection open, is given up: the stream breaks and the
// next one works.
func TestSilentPeerIsGivenUp(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits until a peer is given up, which takes 15 seconds")
	}
	behind, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	healthpb.RegisterHealthServer(server, health.NewServer())
	go func() { _ = server.Serve(behind) }()
	t.Cleanup(server.Stop)
	var silent atomic.Bool
	front := relayUntil(t, behind.Addr().String(), &silent)

	c := newConns(peerSettings{TrackingAddress: []string{front}, PeerToken: "secret"}, func(string) bool { return false }, false)
	t.Cleanup(func() { require.NoError(t, c.close()) })
	conn, err := c.peer(roleTracking)
	require.NoError(t, err)
	client := healthpb.NewHealthClient(conn)
	stream, err := client.Watch(t.Context(), &healthpb.HealthCheckRequest{})
	require.NoError(t, err)
	_, err = stream.Recv()
	require.NoError(t, err)

	silent.Store(true)
	broken := make(chan error, 1)
	go func() {
		_, err := stream.Recv()
		broken <- err
	}()
	select {
	case err := <-broken:
		require.Error(t, err)
	case <-time.After(time.Minute):
		t.Fatal("the stream to a silent peer stays open")
	}
	silent.Store(false)
	_, err = client.Check(t.Context(), &healthpb.HealthCheckRequest{}, grpc.WaitForReady(true))
	require.NoError(t, err)
}

// relayUntil passes connections on to the address. While silent is set it swallows
// what comes, as a network does whose cable was cut.
func relayUntil(t *testing.T, address string, silent *atomic.Bool) string {
	t.Helper()
	front, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = front.Close() })
	go func() {
		for {
			in, err := front.Accept()
			if err != nil {
				return
			}
			out, err := new(net.Dialer).DialContext(context.WithoutCancel(t.Context()), "tcp", address)
			if err != nil {
				_ = in.Close()
				continue
			}
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				go func() {
					_, _ = io.Copy(swallow{way[1], silent}, way[0])
					_, _ = way[0].Close(), way[1].Close()
				}()
			}
		}
	}()
	return front.Addr().String()
}

type swallow struct {
	io.Writer
	silent *atomic.Bool
}

func (s swallow) Write(p []byte) (int, error) {
	if s.silent.Load() {
		return len(p), nil
	}
	return s.Writer.Write(p)
}
