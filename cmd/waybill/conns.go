package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/test/bufconn"

	"waybill/internal/access"
)

// insideBuffer is the size in bytes of the pipe by which the HTTP face of a process
// reaches its own gRPC server.
const insideBuffer = 256 << 10

const (
	// peerPing is how often a role in another process is asked whether it lives, and
	// peerPatience how long it may take to answer. A machine that goes away without a
	// word would else hold up all fixes until the system gives the connection up,
	// which takes a quarter of an hour.
	peerPing     = 10 * time.Second
	peerPatience = 5 * time.Second
	// largestAnswer bounds what a role answers at once, in bytes: the longest page of
	// fixes with what their devices told beside.
	largestAnswer = 64 << 20
)

// conns reach the gRPC servers of all roles: that of this process through a pipe,
// the others over the network.
type conns struct {
	inside   *bufconn.Listener
	settings peerSettings
	runs     func(role string) bool
	// secure says that this process serves gRPC with TLS.
	secure bool
	opened []*grpc.ClientConn
}

func newConns(s peerSettings, runs func(role string) bool, secure bool) *conns {
	return &conns{inside: bufconn.Listen(insideBuffer), settings: s, runs: runs, secure: secure}
}

// relay reaches a role on behalf of callers, who bring their own tokens.
func (c *conns) relay(role string) (*grpc.ClientConn, error) { return c.dial(role) }

// peer reaches a role as this process, with the token of a peer.
func (c *conns) peer(role string) (*grpc.ClientConn, error) {
	if c.settings.PeerToken == "" {
		return nil, usageError{"the role " + role + " runs in another process, which asks for a token: " +
			"issue one with `waybill token create --role peer` and give it as --peer-token"}
	}
	return c.dial(role, grpc.WithPerRPCCredentials(access.Bearer{Secret: c.settings.PeerToken, Plain: c.settings.PeerCA == ""}))
}

func (c *conns) dial(role string, options ...grpc.DialOption) (*grpc.ClientConn, error) {
	target, transport, err := c.target(role)
	if err != nil {
		return nil, err
	}
	options = append(options, grpc.WithTransportCredentials(transport), grpc.WithDisableServiceConfig(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(largestAnswer)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: peerPing, Timeout: peerPatience, PermitWithoutStream: true}))
	if c.runs(role) {
		options = append(options, grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return c.inside.DialContext(ctx)
		}))
	}
	conn, err := grpc.NewClient(target, options...)
	if err != nil {
		return nil, fmt.Errorf("reach the role %s: %w", role, err)
	}
	c.opened = append(c.opened, conn)
	return conn, nil
}

// target is where a role is, and how to speak to it.
func (c *conns) target(role string) (string, credentials.TransportCredentials, error) {
	switch {
	case c.runs(role) && c.secure:
		// The pipe doesn't leave the process: whose certificate it is needs no proof.
		return "passthrough:///inside", credentials.NewTLS(&tls.Config{InsecureSkipVerify: true}), nil //nolint:gosec // see above
	case c.runs(role):
		return "passthrough:///inside", insecure.NewCredentials(), nil
	}
	address := map[string]string{
		roleTracking: c.settings.TrackingAddress, roleGateway: c.settings.GatewayAddress, roleCRM: c.settings.CRMAddress,
	}[role]
	if address == "" {
		return "", nil, usageError{fmt.Sprintf("this process doesn't run the role %s: say where it is with --%s-address, or add it to --roles", role, role)}
	}
	if c.settings.PeerCA == "" {
		return address, insecure.NewCredentials(), nil
	}
	config, err := trust(c.settings.PeerCA)
	if err != nil {
		return "", nil, err
	}
	return address, credentials.NewTLS(config), nil
}

// close closes the connections to other processes.
func (c *conns) close() error {
	var first error
	for _, conn := range c.opened {
		if err := conn.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
