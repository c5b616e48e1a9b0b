package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/test/bufconn"

	"waybill/internal/access"
	trackingrpc "waybill/tracking/rpc"
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
	// firstRetry to lastRetry, growing, are the pauses between tries to connect: so a
	// process that comes back, or joins, is found within seconds.
	firstRetry = 200 * time.Millisecond
	lastRetry  = 3 * time.Second
	// largestAnswer bounds what a role answers at once, in bytes: the longest page of
	// fixes with what their devices told beside.
	largestAnswer = 64 << 20
)

// inTurn has calls go to the processes of a role in turn. What only reads, or is
// harmless when done twice, is asked of another when the first is away.
const inTurn = `{
	"loadBalancingConfig": [{"round_robin": {}}],
	"methodConfig": [{
		"name": [
			{"service": "waybill.tracking.v1.DirectoryService"},
			{"service": "waybill.tracking.v1.DeviceEventService"},
			{"service": "waybill.tracking.v1.FixService", "method": "GetPosition"},
			{"service": "waybill.tracking.v1.FixService", "method": "ListPositions"},
			{"service": "waybill.tracking.v1.FixService", "method": "ListFixes"},
			{"service": "waybill.tracking.v1.VehicleService", "method": "GetVehicle"},
			{"service": "waybill.tracking.v1.VehicleService", "method": "ListVisits"},
			{"service": "waybill.tracking.v1.ZoneService", "method": "PutOwnedZone"}
		],
		"retryPolicy": {
			"maxAttempts": 3, "initialBackoff": "0.05s", "maxBackoff": "0.5s", "backoffMultiplier": 2,
			"retryableStatusCodes": ["UNAVAILABLE"]
		}
	}]
}`

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

// peer reaches any of the other processes that run a role, as this process, with the
// token of a peer.
func (c *conns) peer(role string) (*grpc.ClientConn, error) {
	token, err := c.token(role)
	if err != nil {
		return nil, err
	}
	return c.reach(role, c.addresses(role), token)
}

// peers reaches each of the other processes that run a role, as this process.
func (c *conns) peers(role string) ([]trackingrpc.Process, error) {
	token, err := c.token(role)
	if err != nil {
		return nil, err
	}
	var processes []trackingrpc.Process
	for _, address := range c.addresses(role) {
		conn, err := c.reach(role, []string{address}, token)
		if err != nil {
			return nil, err
		}
		processes = append(processes, trackingrpc.Process{Name: address, Connection: conn})
	}
	return processes, nil
}

func (c *conns) token(role string) (grpc.DialOption, error) {
	if c.settings.PeerToken == "" {
		return nil, usageError{"the role " + role + " runs in another process, which asks for a token: " +
			"issue one with `waybill token create --role peer` and give it as --peer-token"}
	}
	return grpc.WithPerRPCCredentials(access.Bearer{Secret: c.settings.PeerToken, Plain: c.settings.PeerCA == ""}), nil
}

func (c *conns) dial(role string, options ...grpc.DialOption) (*grpc.ClientConn, error) {
	if c.runs(role) {
		return c.within(role, options...)
	}
	return c.reach(role, c.addresses(role), options...)
}

// within reaches this process through the pipe, which doesn't leave it: whose
// certificate it is needs no proof.
func (c *conns) within(role string, options ...grpc.DialOption) (*grpc.ClientConn, error) {
	transport := insecure.NewCredentials()
	if c.secure {
		transport = credentials.NewTLS(&tls.Config{InsecureSkipVerify: true}) //nolint:gosec // see above
	}
	return c.open(role, "passthrough:///inside", append(options, grpc.WithTransportCredentials(transport),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return c.inside.DialContext(ctx) }))...)
}

// reach reaches other processes that run the role: of several, the one whose turn it
// is.
func (c *conns) reach(role string, addresses []string, options ...grpc.DialOption) (*grpc.ClientConn, error) {
	if len(addresses) == 0 {
		return nil, usageError{fmt.Sprintf("this process doesn't run the role %s: say where it is with --%s-address, or add it to --roles", role, role)}
	}
	transport := insecure.NewCredentials()
	if c.settings.PeerCA != "" {
		config, err := trust(c.settings.PeerCA)
		if err != nil {
			return nil, err
		}
		transport = credentials.NewTLS(config)
	}
	options = append(options, grpc.WithTransportCredentials(transport))
	if len(addresses) == 1 {
		return c.open(role, addresses[0], options...)
	}
	known := manual.NewBuilderWithScheme("waybill")
	var state resolver.State
	for _, address := range addresses {
		state.Endpoints = append(state.Endpoints, resolver.Endpoint{
			Addresses: []resolver.Address{{Addr: address, ServerName: address}},
		})
	}
	known.InitialState(state)
	return c.open(role, "waybill:///"+role, append(options, grpc.WithResolvers(known), grpc.WithDefaultServiceConfig(inTurn))...)
}

// addresses are where other processes run the role.
func (c *conns) addresses(role string) []string {
	switch {
	case role == roleTracking:
		return c.settings.TrackingAddress
	case role == roleGateway && c.settings.GatewayAddress != "":
		return []string{c.settings.GatewayAddress}
	case role == roleCRM && c.settings.CRMAddress != "":
		return []string{c.settings.CRMAddress}
	}
	return nil
}

func (c *conns) open(role, target string, options ...grpc.DialOption) (*grpc.ClientConn, error) {
	retry := backoff.DefaultConfig
	retry.BaseDelay, retry.MaxDelay = firstRetry, lastRetry
	conn, err := grpc.NewClient(target, append(options, grpc.WithDisableServiceConfig(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(largestAnswer)),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: retry, MinConnectTimeout: peerPatience}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: peerPing, Timeout: peerPatience, PermitWithoutStream: true}))...)
	if err != nil {
		return nil, fmt.Errorf("reach the role %s: %w", role, err)
	}
	c.opened = append(c.opened, conn)
	return conn, nil
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
