package crmhttp_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/crm"
	crmhttp "waybill/crm/http"
	"waybill/crm/link"
	"waybill/internal/access"
	"waybill/internal/ops"
	"waybill/internal/rpcerr"
	crmv1 "waybill/proto/waybill/crm/v1"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
	geov1 "waybill/proto/waybill/geo/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/web"
)

// Secrets of the tests.
const (
	dispatcher = "dispatcher-secret"
	customer   = "customer-secret"
	goodLink   = "a-link-that-holds"
)

// server is the HTTP face on a real connection, over real gRPC servers with the real
// guard. Behind those stands a small world in memory.
type server struct {
	*httptest.Server
	*world
	handler *crmhttp.Handler
	logs    *logs
}

func start(t testing.TB, change func(*crmhttp.Options)) server {
	t.Helper()
	w := &world{language: "en", changed: make(chan struct{}), streaming: make(chan struct{}, 100)}
	written := &logs{}
	logger := slog.New(slog.NewJSONHandler(written, &slog.HandlerOptions{Level: slog.LevelDebug}))
	conn := serve(t, w, logger)
	api := crmhttp.NewREST()
	require.NoError(t, trackingv1.RegisterFixServiceHandler(t.Context(), api, conn))
	require.NoError(t, trackingv1.RegisterHistoryServiceHandler(t.Context(), api, conn))
	require.NoError(t, trackingv1.RegisterAlertServiceHandler(t.Context(), api, conn))
	require.NoError(t, gatewayv1.RegisterAlertServiceHandler(t.Context(), api, conn))
	require.NoError(t, trackingv1.RegisterTripServiceHandler(t.Context(), api, conn))
	options := crmhttp.Options{
		API:        api,
		OpenAPI:    []byte(`{"swagger":"2.0"}`),
		Pages:      web.Files(),
		Links:      w,
		Orders:     crmhttp.Servers{OrderServer: w, LocationServer: locations{world: w}},
		Fixes:      trackingv1.NewFixServiceClient(conn),
		Positions:  trackingv1.NewFixServiceClient(conn),
		History:    trackingv1.NewHistoryServiceClient(conn),
		Locations:  crmv1.NewLocationServiceClient(conn),
		Log:        logger,
		Heartbeat:  50 * time.Millisecond,
		TextNumber: "+8613800001111",
	}
	if change != nil {
		change(&options)
	}
	handler, err := crmhttp.New(options)
	require.NoError(t, err)
	s := httptest.NewUnstartedServer(nil)
	s.Config = ops.NewServer(handler, logger)
	s.Start()
	t.Cleanup(func() {
		handler.Stop()
		s.Close()
	})
	return server{Server: s, world: w, handler: handler, logs: written}
}

func serve(t testing.TB, w *world, logger *slog.Logger) *grpc.ClientConn {
	t.Helper()
	guard := access.NewGuard(w, access.Methods(), logger)
	server := grpc.NewServer(grpc.UnaryInterceptor(guard.Unary), grpc.StreamInterceptor(guard.Stream))
	trackingv1.RegisterFixServiceServer(server, fixes{world: w})
	trackingv1.RegisterHistoryServiceServer(server, history{world: w})
	trackingv1.RegisterAlertServiceServer(server, alertService{world: w})
	gatewayv1.RegisterAlertServiceServer(server, modemAlertService{world: w})
	trackingv1.RegisterTripServiceServer(server, trips{world: w})
	crmv1.RegisterLocationServiceServer(server, locations{world: w})
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		<-done
	})
	return conn
}

// logs keeps what was logged.
type logs struct {
	mu   sync.Mutex
	text []byte
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	return len(b), nil
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

// world is one order, a fleet, a link, and who has which token.
type world struct {
	crmv1.UnimplementedOrderServiceServer

	mu       sync.Mutex
	language string
	gone     bool
	at       *crmv1.OrderLocation
	fleet    []*trackingv1.Position
	alerts   []*trackingv1.Alert
	ofModems []*gatewayv1.Alert
	track    []*trackingv1.Fix
	changed  chan struct{} // closed and replaced at each change

	streaming chan struct{} // gets one for each stream that has begun
}

func (w *world) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *world) Authenticate(_ context.Context, secret string) (access.Caller, error) {
	switch secret {
	case dispatcher:
		return access.Caller{Role: access.Dispatcher}, nil
	case customer:
		return access.Caller{Role: access.Customer, Customer: "customers/acme"}, nil
	default:
		return access.Caller{}, access.ErrUnauthenticated
	}
}

func (w *world) Resolve(_ context.Context, secret string) (link.Target, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if secret != goodLink || w.gone {
		return link.Target{}, crm.NotFound("the tracking link")
	}
	return link.Target{Order: "SO-1001", Customer: "acme", Language: w.language, Code: "7K3M9Q2A"}, nil
}

func (w *world) GetOrder(ctx context.Context, request *crmv1.GetOrderRequest) (*crmv1.GetOrderResponse, error) {
	if request.GetName() != "orders/SO-1001" || !access.FromContext(ctx).Sees("customers/acme") {
		return nil, rpcerr.NotFound(request.GetName())
	}
	return &crmv1.GetOrderResponse{Order: &crmv1.Order{
		Name: "orders/SO-1001", Customer: "customers/acme", Reference: "PO 4500-7781", Destination: "customers/acme/sites/plant",
		Lines: []*crmv1.OrderLine{
			{Number: 1, Sku: "PX-200", Description: "Pump station PX-200", Quantity: 2, Unit: "piece"},
			{Number: 2, Sku: "HG-40", Description: "Hydraulic oil HG 40", Quantity: 120, Unit: "kg"},
		},
	}}, nil
}

// locations is the location service: its methods have names that the fleet's have.
type locations struct {
	crmv1.UnimplementedLocationServiceServer
	*world
}

func (l locations) GetOrderLocation(ctx context.Context, request *crmv1.GetOrderLocationRequest) (*crmv1.GetOrderLocationResponse, error) {
	if request.GetOrder() != "orders/SO-1001" || !access.FromContext(ctx).Sees("customers/acme") {
		return nil, rpcerr.NotFound(request.GetOrder())
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return &crmv1.GetOrderLocationResponse{Location: l.at}, nil
}

func (l locations) WatchOrderLocation(request *crmv1.WatchOrderLocationRequest, stream grpc.ServerStreamingServer[crmv1.WatchOrderLocationResponse]) error {
	if _, err := l.GetOrderLocation(stream.Context(), &crmv1.GetOrderLocationRequest{Order: request.GetOrder()}); err != nil {
		return err
	}
	l.streaming <- struct{}{}
	for {
		l.mu.Lock()
		at, changed := l.at, l.changed
		l.mu.Unlock()
		if err := stream.Send(&crmv1.WatchOrderLocationResponse{Location: at}); err != nil {
			return err
		}
		select {
		case <-changed:
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}

// fixes is the fix service.
type fixes struct {
	trackingv1.UnimplementedFixServiceServer
	*world
}

func (f fixes) ListPositions(context.Context, *trackingv1.ListPositionsRequest) (*trackingv1.ListPositionsResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &trackingv1.ListPositionsResponse{Positions: f.fleet}, nil
}

func (f fixes) GetPosition(_ context.Context, request *trackingv1.GetPositionRequest) (*trackingv1.GetPositionResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.fleet {
		if p.GetVehicle() == request.GetName() || p.GetDevice() == request.GetName() {
			return &trackingv1.GetPositionResponse{Position: p}, nil
		}
	}
	return nil, rpcerr.NotFound(request.GetName())
}

func (f fixes) WatchPositions(request *trackingv1.WatchPositionsRequest, stream grpc.ServerStreamingServer[trackingv1.WatchPositionsResponse]) error {
	if slices.ContainsFunc(request.GetVehicles(), func(name string) bool { return !strings.HasPrefix(name, "vehicles/") }) {
		return rpcerr.Invalid(rpcerr.Field("vehicles[0]", "give a name like vehicles/abc"))
	}
	f.streaming <- struct{}{}
	for {
		f.mu.Lock()
		positions, changed := f.fleet, f.changed
		f.mu.Unlock()
		if err := stream.Send(&trackingv1.WatchPositionsResponse{Positions: positions}); err != nil {
			return err
		}
		select {
		case <-changed:
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}

// ListFixes pages by index: tokens are opaque to everybody else.
func (f fixes) ListFixes(_ context.Context, request *trackingv1.ListFixesRequest) (*trackingv1.ListFixesResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if request.GetDevice() != "devices/unit-7" {
		return nil, rpcerr.NotFound(request.GetDevice())
	}
	size := min(max(int(request.GetPageSize()), 1), 400)
	begin := len(request.GetPageToken())
	if begin > len(f.track) {
		return nil, rpcerr.New(codes.InvalidArgument, "INVALID_ARGUMENT", "page_token")
	}
	end := min(begin+size, len(f.track))
	response := &trackingv1.ListFixesResponse{Fixes: f.track[begin:end]}
	if request.GetDescending() {
		newest := slices.Clone(f.track[max(0, len(f.track)-size):])
		slices.Reverse(newest)
		response.Fixes = newest
	} else if end < len(f.track) {
		response.NextPageToken = string(make([]byte, end))
	}
	return response, nil
}

// history is the history service.
type history struct {
	trackingv1.UnimplementedHistoryServiceServer
	*world
}

func (h history) find(name string) ([]*trackingv1.Fix, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if name != "devices/unit-7" && name != "vehicles/truck-7" {
		return nil, rpcerr.NotFound(name)
	}
	return h.track, nil
}

func (h history) GetTrack(_ context.Context, request *trackingv1.GetTrackRequest) (*trackingv1.GetTrackResponse, error) {
	track, err := h.find(request.GetName())
	if err != nil {
		return nil, err
	}
	return &trackingv1.GetTrackResponse{Track: &trackingv1.Track{
		Fixes: track, FixCount: int64(len(track)), Deviation: request.GetTolerance(),
	}}, nil
}

// StreamTrack sends parts of 400 fixes; with a tolerance it sends the first fix alone.
func (h history) StreamTrack(request *trackingv1.StreamTrackRequest, stream grpc.ServerStreamingServer[trackingv1.StreamTrackResponse]) error {
	track, err := h.find(request.GetName())
	if err != nil {
		return err
	}
	if request.Tolerance != nil {
		track = track[:1]
	}
	for part := range slices.Chunk(track, 400) {
		if err := stream.Send(&trackingv1.StreamTrackResponse{Device: "devices/unit-7", Fixes: part}); err != nil {
			return err
		}
	}
	return nil
}

func point(lon, lat float64) *geov1.Point { return &geov1.Point{Longitude: lon, Latitude: lat} }

func at(t time.Time) *timestamppb.Timestamp { return timestamppb.New(t) }

// onTheRoad is an order whose goods are on a truck, with names in it that a link must
// not show.
func onTheRoad(now time.Time) *crmv1.OrderLocation {
	return &crmv1.OrderLocation{
		Order:  "orders/SO-1001",
		Status: crmv1.Status_STATUS_IN_TRANSIT,
		Shipments: []*crmv1.ShipmentLocation{{
			Shipment: "orders/SO-1001/shipments/1",
			Status:   crmv1.Status_STATUS_IN_TRANSIT, Stage: crmv1.Stage_STAGE_TRANSIT, Disposition: "in_transit",
			Place:     &crmv1.Place{Name: "vehicles/truck-7", Kind: "vehicle", DisplayName: "Truck 7"},
			Point:     point(121.06, 31.45),
			AsOfTime:  at(now.Add(-30 * time.Second)),
			Freshness: crmv1.Freshness_FRESHNESS_LIVE,
			SinceTime: at(now.Add(-3 * time.Hour)),
			NextStop:  &crmv1.Place{Name: "customers/acme/sites/plant", Kind: "site", DisplayName: "Acme plant, Gate 3", Point: point(120.31, 31.57)},
			Nearest:   &crmv1.NearestPlace{DisplayName: "Kunshan", Distance: 12_400, Bearing: 48},
			Speed:     proto.Float64(19.4), Course: proto.Float64(285),
			Stages: []*crmv1.StageEntry{
				{Stage: crmv1.Stage_STAGE_PRODUCTION, EnterTime: at(now.Add(-80 * time.Hour))},
				{Stage: crmv1.Stage_STAGE_WAREHOUSE, EnterTime: at(now.Add(-27 * time.Hour))},
				{Stage: crmv1.Stage_STAGE_TRANSIT, EnterTime: at(now.Add(-3 * time.Hour))},
			},
		}},
		PromisedWindow: &crmv1.TimeWindow{StartTime: at(now.Add(4 * time.Hour)), EndTime: at(now.Add(8 * time.Hour))},
	}
}

// answer is what was answered, but for the body.
type answer struct {
	StatusCode int
	Header     http.Header
}

// Cookies are those that it sets.
func (a answer) Cookies() []*http.Cookie { return (&http.Response{Header: a.Header}).Cookies() }

// get asks, and returns the answer with its body read.
func get(t testing.TB, s server, path string, header http.Header) (answer, string) {
	t.Helper()
	return ask(t, s, http.MethodGet, path, header, nil)
}

func ask(t testing.TB, s server, method, path string, header http.Header, body io.Reader) (answer, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, body)
	require.NoError(t, err)
	for name, values := range header {
		request.Header[name] = values
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return answer{StatusCode: response.StatusCode, Header: response.Header}, string(text)
}

func bearer(secret string) http.Header { return http.Header{"Authorization": {"Bearer " + secret}} }
