package crmhttp

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"google.golang.org/grpc"

	"waybill/crm/link"
	"waybill/crm/location"
	crmv1 "waybill/proto/waybill/crm/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// Links knows the tracking links that hold.
type Links interface {
	// Resolve returns what the link of the secret shows now. The error is
	// [crm.ErrNotFound] when there is none, when it was revoked, and when it has
	// expired; nobody is told which.
	Resolve(ctx context.Context, secret string) (link.Target, error)
}

// Orders tells what the holder of a link may know of its order: what the order's
// customer may. [Servers] does it with the gRPC servers of this process.
type Orders interface {
	// Order returns the order with its lines.
	Order(ctx context.Context, target link.Target) (*crmv1.Order, error)
	// Location returns where it is now.
	Location(ctx context.Context, target link.Target) (*crmv1.OrderLocation, error)
	// Watch sends where it is now, and again whenever that changes, until the
	// context ends or send fails.
	Watch(ctx context.Context, target link.Target, send func(*crmv1.OrderLocation) error) error
}

// Positions tells where vehicles are as it changes; the client of a FixService does
// that hears of all tracking processes.
type Positions interface {
	WatchPositions(
		ctx context.Context, in *trackingv1.WatchPositionsRequest, options ...grpc.CallOption,
	) (grpc.ServerStreamingClient[trackingv1.WatchPositionsResponse], error)
}

// Options says what the HTTP face stands on. Without a default in its comment a
// field must be given.
type Options struct {
	// API answers what is under /v1/ and has no handler here: REST by grpc-gateway.
	API http.Handler
	// OpenAPI is the document at /openapi.json.
	OpenAPI []byte
	// Pages is what the build of the pages made; a file system without track.html
	// stands for one that has not run.
	Pages fs.FS

	Links  Links
	Orders Orders

	Fixes     trackingv1.FixServiceClient
	Positions Positions
	History   trackingv1.HistoryServiceClient
	Locations crmv1.LocationServiceClient

	Log *slog.Logger

	// LiveAge is up to which age pages call a position live; [location.DefaultLive] by
	// default.
	LiveAge time.Duration
	// TextNumber is the number that people may text to ask where an order is, E.164;
	// empty where there is none to show.
	TextNumber string
	// Heartbeat is how often a stream that has nothing to say shows that it is
	// there, and checks that its link still holds; 15 seconds by default.
	Heartbeat time.Duration
	// MaxStreams bounds the streams that are open at once; 20,000 by default.
	MaxStreams int
	// MaxStreamsEach bounds those of one token, and those of the links to one order; 500
	// by default.
	MaxStreamsEach int
	// MaxBody bounds the body of a request in bytes; 4 MiB by default.
	MaxBody int64
	// Secure says that browsers come by https although the connection here is not
	// TLS: a proxy in front ends it.
	Secure bool
	// TrustedProxies may say by X-Forwarded-For for whom they ask.
	TrustedProxies []netip.Prefix
}

func (o Options) withDefaults() Options {
	if o.LiveAge <= 0 {
		o.LiveAge = location.DefaultLive
	}
	if o.Heartbeat <= 0 {
		o.Heartbeat = 15 * time.Second
	}
	if o.MaxStreams <= 0 {
		o.MaxStreams = 20_000
	}
	if o.MaxStreamsEach <= 0 {
		o.MaxStreamsEach = 500
	}
	if o.MaxBody <= 0 {
		o.MaxBody = 4 << 20
	}
	return o
}
