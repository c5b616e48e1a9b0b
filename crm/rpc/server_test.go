package rpc_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"waybill/crm/crmtest"
	"waybill/crm/interaction"
	"waybill/crm/optout"
	"waybill/crm/rpc"
	"waybill/crm/text"
	crmv1 "waybill/proto/waybill/crm/v1"
)

// face is the area over gRPC.
type face struct {
	*crmtest.World
	customers  crmv1.CustomerServiceClient
	facilities crmv1.FacilityServiceClient
	orders     crmv1.OrderServiceClient
	locations  crmv1.LocationServiceClient
	links      crmv1.TrackingLinkServiceClient
	search     crmv1.SearchServiceClient

	texts        crmv1.TextServiceClient
	interactions crmv1.InteractionServiceClient
	outbox       *outbox
	gateway      *rpc.Gateway
	carrier      *text.Carrier
}

// carry hands what is queued to the gateway.
func (f face) carry(t *testing.T) {
	t.Helper()
	require.NoError(t, f.carrier.Drain(t.Context()))
}

// as is the context of a call by the customer; with an empty name, by an admin.
func as(t *testing.T, customer string) context.Context {
	t.Helper()
	return metadata.AppendToOutgoingContext(t.Context(), "customer", customer)
}

// caller is what the guard of the real server does with tokens.
func caller(ctx context.Context) context.Context {
	md, _ := metadata.FromIncomingContext(ctx)
	if names := md.Get("customer"); len(names) > 0 {
		return crmtest.As(ctx, names[0])
	}
	return ctx
}

type calledStream struct {
	grpc.ServerStream
}

func (s calledStream) Context() context.Context { return caller(s.ServerStream.Context()) }

func serve(t *testing.T) face {
	t.Helper()
	w := crmtest.New(t)
	server := grpc.NewServer(
		grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
			return handle(caller(ctx), req)
		}),
		grpc.StreamInterceptor(func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
			return handle(srv, calledStream{stream})
		}))
	crmv1.RegisterCustomerServiceServer(server, rpc.NewCustomers(w.Customers, w.Logger))
	crmv1.RegisterFacilityServiceServer(server, rpc.NewFacilities(w.Facilities, w.Logger))
	crmv1.RegisterOrderServiceServer(server, rpc.NewOrders(w.Orders, w.Logger))
	crmv1.RegisterLocationServiceServer(server, rpc.NewLocations(w.Locations, w.Logger))
	crmv1.RegisterTrackingLinkServiceServer(server, rpc.NewLinks(w.Links, w.Orders, w.Logger))
	crmv1.RegisterSearchServiceServer(server, rpc.NewSearch(w.Searcher, w.Logger))
	box, metrics := &outbox{}, text.NewMetrics()
	gateway := rpc.NewGateway(box)
	optOuts, interactions := optout.NewStore(w.Pool, "CN"), interaction.NewStore(w.Pool)
	desk := text.NewDesk(text.Parts{
		Pool: w.Pool, Links: w.Links, Locations: w.Locations, Region: "CN", Zone: time.UTC, Limits: text.DefaultLimits(),
		Logger: w.Logger, Metrics: metrics,
	})
	crmv1.RegisterTextServiceServer(server, rpc.NewTexts(rpc.TextParts{
		Desk: desk, Post: text.NewPost(w.Pool, optOuts, interactions), OptOuts: optOuts, Gateway: gateway, Logger: w.Logger,
	}))
	crmv1.RegisterInteractionServiceServer(server, rpc.NewInteractions(interactions, gateway, "CN", w.Logger))
	listener := bufconn.Listen(1 << 20)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///crm", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, conn.Close())
		server.Stop()
		require.NoError(t, <-served)
	})
	return face{
		World: w, customers: crmv1.NewCustomerServiceClient(conn), facilities: crmv1.NewFacilityServiceClient(conn),
		orders: crmv1.NewOrderServiceClient(conn), locations: crmv1.NewLocationServiceClient(conn),
		links: crmv1.NewTrackingLinkServiceClient(conn), search: crmv1.NewSearchServiceClient(conn),
		texts: crmv1.NewTextServiceClient(conn), interactions: crmv1.NewInteractionServiceClient(conn),
		outbox: box, gateway: gateway, carrier: text.NewCarrier(w.Pool, gateway, w.Logger, metrics),
	}
}

// fields are those that an error says are wrong.
func fields(t *testing.T, err error) []string {
	t.Helper()
	var wrong []string
	for _, detail := range status.Convert(err).Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			for _, v := range bad.GetFieldViolations() {
				require.NotEmpty(t, v.GetDescription())
				wrong = append(wrong, v.GetField())
			}
		}
	}
	return wrong
}
