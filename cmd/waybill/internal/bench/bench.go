// Package bench follows single fixes through a running Waybill, from the unit to
// the page, and says how long each stretch took.
package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"

	"waybill/gateway/mqtt/unit"
	crmv1 "waybill/proto/waybill/crm/v1"
	geov1 "waybill/proto/waybill/geo/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// Config says where the Waybill is.
type Config struct {
	// API is a connection with an admin's token.
	API grpc.ClientConnInterface
	// HTTP is the address of the pages, with its scheme.
	HTTP string
	// MQTT is HOST:PORT of the endpoint.
	MQTT string
	// Token is an admin's, for REST.
	Token string
	// Fixes is how many are followed.
	Fixes int
	Log   *slog.Logger
}

// Latency has a sample of each stretch for each fix.
type Latency struct {
	// Acknowledged is from the publish to its PUBACK, which comes after the commit.
	Acknowledged []time.Duration
	// RPC and REST are from the PUBACK until a caller has the order's location, which
	// is the new one.
	RPC, REST []time.Duration
	// Page is from the publish until the stream of an open page has the location.
	Page []time.Duration
}

// Follow makes an order on a truck and follows fixes of it.
func Follow(ctx context.Context, config Config) (Latency, error) {
	f := &follower{Config: config, locations: crmv1.NewLocationServiceClient(config.API), browser: &http.Client{}}
	defer f.browser.CloseIdleConnections()
	if err := f.prepare(ctx); err != nil {
		return Latency{}, err
	}
	defer f.unit.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events, err := f.open(ctx)
	if err != nil {
		return Latency{}, err
	}
	var l Latency
	for i := range config.Fixes {
		if err := f.follow(ctx, i, events, &l); err != nil {
			return Latency{}, fmt.Errorf("fix %d: %w", i, err)
		}
	}
	return l, nil
}

type follower struct {
	Config
	locations crmv1.LocationServiceClient
	browser   *http.Client
	unit      *unit.Unit
	page      string
}

const order = "orders/BENCH-1"

// prepare makes a customer, an order, a truck with a unit, and loads the order.
func (f *follower) prepare(ctx context.Context) error {
	customers, orders := crmv1.NewCustomerServiceClient(f.API), crmv1.NewOrderServiceClient(f.API)
	devices, vehicles := trackingv1.NewDeviceServiceClient(f.API), trackingv1.NewVehicleServiceClient(f.API)
	steps := []func() error{
		func() error {
			_, err := customers.CreateCustomer(ctx, &crmv1.CreateCustomerRequest{CustomerId: "bench", Customer: &crmv1.Customer{DisplayName: "Bench"}})
			return err
		},
		func() error {
			_, err := customers.CreateSite(ctx, &crmv1.CreateSiteRequest{Parent: "customers/bench", SiteId: "site", Site: &crmv1.Site{
				DisplayName: "Site", Point: &geov1.Point{Longitude: 121.5, Latitude: 31.2},
			}})
			return err
		},
		func() error {
			_, err := devices.CreateDevice(ctx, &trackingv1.CreateDeviceRequest{DeviceId: "bench", Device: &trackingv1.Device{}})
			return err
		},
		func() error {
			_, err := vehicles.CreateVehicle(ctx, &trackingv1.CreateVehicleRequest{VehicleId: "bench", Vehicle: &trackingv1.Vehicle{}})
			return err
		},
		func() error {
			_, err := vehicles.FitDevice(ctx, &trackingv1.FitDeviceRequest{Vehicle: "vehicles/bench", Device: "devices/bench"})
			return err
		},
		func() error {
			_, err := orders.CreateOrder(ctx, &crmv1.CreateOrderRequest{OrderId: "BENCH-1", Order: &crmv1.Order{
				Customer: "customers/bench", Destination: "customers/bench/sites/site",
				Lines: []*crmv1.OrderLine{{Number: 1, Description: "Bench", Quantity: 1}},
			}})
			return err
		},
		func() error {
			_, err := orders.RecordEvent(ctx, &crmv1.RecordEventRequest{Shipment: order + "/shipments/1", Event: &crmv1.Event{
				BizStep: "loading", Vehicle: "vehicles/bench",
			}})
			return err
		},
		func() error {
			link, err := crmv1.NewTrackingLinkServiceClient(f.API).CreateTrackingLink(ctx, &crmv1.CreateTrackingLinkRequest{Parent: order})
			f.page = link.GetUri()
			return err
		},
		func() error {
			issued, err := devices.RotateDeviceCredential(ctx, &trackingv1.RotateDeviceCredentialRequest{Name: "devices/bench"})
			f.unit = unit.New(unit.Config{Address: f.MQTT, Device: "bench", Password: issued.GetPassword(), Log: f.Log})
			return err
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
	}
	return nil
}

// seen is a longitude that the page was told, and when.
type seen struct {
	longitude float64
	at        time.Time
}

// open opens the page's stream of events.
func (f *follower) open(ctx context.Context) (<-chan seen, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.page+"/events", nil)
	if err != nil {
		return nil, err
	}
	resp, err := f.browser.Do(req) //nolint:bodyclose // the goroutine below closes it
	if err != nil {
		return nil, fmt.Errorf("open the page's stream: %w", err)
	}
	events := make(chan seen, f.Fixes+1)
	go func() {
		defer close(events)
		defer func() { _ = resp.Body.Close() }()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			data, ok := strings.CutPrefix(lines.Text(), "data: ")
			if !ok {
				continue
			}
			if longitude, ok := pageLongitude([]byte(data)); ok {
				events <- seen{longitude: longitude, at: time.Now()}
			}
		}
	}()
	return events, nil
}

func pageLongitude(data []byte) (float64, bool) {
	var page struct {
		Location struct {
			Shipments []struct{ Point *struct{ Longitude float64 } }
		}
	}
	if json.Unmarshal(data, &page) != nil || len(page.Location.Shipments) == 0 || page.Location.Shipments[0].Point == nil {
		return 0, false
	}
	return page.Location.Shipments[0].Point.Longitude, true
}

// follow sends one fix and waits for it everywhere.
func (f *follower) follow(ctx context.Context, i int, events <-chan seen, l *Latency) error {
	// Each fix is at a longitude of its own, by which it is known again.
	longitude := 120 + float64(i+1)/10_000
	start := time.Now()
	if err := f.unit.Send(ctx, []tracking.Fix{tracking.NewFix(start, orb.Point{longitude, 31})}); err != nil {
		return err
	}
	acknowledged := time.Now()
	l.Acknowledged = append(l.Acknowledged, acknowledged.Sub(start))

	resp, err := f.locations.GetOrderLocation(ctx, &crmv1.GetOrderLocationRequest{Order: order})
	if err != nil {
		return err
	}
	if err := expect("gRPC", resp.GetLocation(), longitude); err != nil {
		return err
	}
	answered := time.Now()
	l.RPC = append(l.RPC, answered.Sub(acknowledged))

	location, err := f.rest(ctx)
	if err != nil {
		return err
	}
	if err := expect("REST", location, longitude); err != nil {
		return err
	}
	l.REST = append(l.REST, time.Since(answered))

	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case event, ok := <-events:
			if !ok {
				return fmt.Errorf("the page's stream ended")
			}
			if same(event.longitude, longitude) {
				l.Page = append(l.Page, event.at.Sub(start))
				return nil
			}
		}
	}
}

func (f *follower) rest(ctx context.Context) (*crmv1.OrderLocation, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.HTTP+"/v1/"+order+"/location", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+f.Token)
	resp, err := f.browser.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var answer crmv1.GetOrderLocationResponse
	if err := protojson.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("read the answer of REST (%s): %w", resp.Status, err)
	}
	return answer.GetLocation(), nil
}

// expect is an error unless the location is the new one: an acknowledged fix is
// where the order is.
func expect(face string, location *crmv1.OrderLocation, longitude float64) error {
	got := location.GetShipments()[0].GetPoint().GetLongitude()
	if !same(got, longitude) {
		return fmt.Errorf("%s says longitude %v after %v was acknowledged", face, got, longitude)
	}
	return nil
}

func same(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 }
