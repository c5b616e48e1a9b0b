// Package crmtest gives tests of the crm area a world to work on: a database of its
// own, the real tracking beside it, a factory, a warehouse, two customers and a
// truck. Fixes that are driven through it become transitions as they do in life.
package crmtest

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/crm"
	"waybill/crm/custody"
	"waybill/crm/customer"
	"waybill/crm/facility"
	"waybill/crm/link"
	"waybill/crm/location"
	"waybill/crm/order"
	"waybill/crm/place"
	"waybill/crm/search"
	"waybill/internal/access"
	"waybill/internal/pgtest"
	"waybill/tracking"
	"waybill/tracking/postgres"
)

// Names of what is in the world.
const (
	Factory  = "facilities/works"
	Station  = "facilities/works/stations/assembly"
	Store    = "facilities/depot"
	Bay      = "facilities/works/storageLocations/bay-4"
	DepotBay = "facilities/depot/storageLocations/rack-1"
	Acme     = "customers/acme"
	AcmeSite = "customers/acme/sites/lab"
	Rival    = "customers/rival"
	Truck    = "truck-1"
	Device   = "unit-1"
)

// Where things are: a road to the east, 0.1 degrees being 8.5 km.
//
//nolint:gochecknoglobals // points can't be constants
var (
	AtFactory = orb.Point{116.0, 40.0}
	OnRoad    = orb.Point{116.04, 40.0}
	AtDepot   = orb.Point{116.1, 40.0}
	AtRival   = orb.Point{116.125, 40.0}
	AtLab     = orb.Point{116.15, 40.0}
)

// Motion is tracking as crm sees it.
type Motion struct {
	*postgres.Registry
	*postgres.History
}

// World is the world.
type World struct {
	Pool       *pgxpool.Pool
	Motion     Motion
	Hub        *tracking.Hub
	Customers  *customer.Store
	Facilities *facility.Store
	Orders     *order.Store
	Changes    *order.Changes
	Links      *link.Store
	Places     *place.Store
	Searcher   *search.Searcher
	Locations  *location.Service
	Logger     *slog.Logger

	ingester *tracking.Ingester
	clock    atomic.Int64
}

// Start is when stories begin.
func Start() time.Time { return time.Date(2024, 5, 6, 8, 0, 0, 0, time.UTC) }

// At is the time so many minutes after the start.
func At(minutes float64) time.Time {
	return Start().Add(time.Duration(minutes * float64(time.Minute)))
}

// New makes a world that ends with the test.
func New(t testing.TB) *World {
	t.Helper()
	pool := pgtest.New(t)
	w := &World{
		Pool: pool, Hub: tracking.NewHub(), Changes: order.NewChanges(100), Logger: slog.New(slog.DiscardHandler),
		Motion: Motion{Registry: postgres.NewRegistry(pool, "CN"), History: postgres.NewHistory(pool)},
		Places: place.NewStore(pool),
	}
	w.SetClock(Start())
	w.Customers = customer.NewStore(pool, w.Motion.Registry, "CN")
	w.Facilities = facility.NewStore(pool, w.Motion.Registry)
	w.Orders = order.NewStore(pool, w.Motion)
	w.Links = link.NewStore(pool, "https://track.example.com/", link.WithClock(w.Now))
	w.Searcher = search.New(pool, w.Orders, w.Customers, "CN")
	w.Locations = location.NewService(location.Parts{
		Pool: pool, Orders: w.Orders, Vehicles: w.Motion, Positions: w.Hub, Nearby: w.Places, Changes: w.Changes, Logger: w.Logger,
	}, location.WithClock(w.Now))
	w.ingester = tracking.NewIngester(postgres.NewFixStore(pool, postgres.FixOptions{}), tracking.IngesterOptions{Hub: w.Hub})
	w.run(t, func(ctx context.Context) { _ = w.ingester.Run(ctx) })
	w.run(t, func(ctx context.Context) { w.Changes.Run(ctx, pool, w.Logger) })
	w.settle(t)
	return w
}

// run runs do until the test ends.
func (w *World) run(t testing.TB, do func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { do(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
}

// Now is the time by the world's clock.
func (w *World) Now() time.Time { return time.Unix(0, w.clock.Load()).UTC() }

// SetClock sets the world's clock.
func (w *World) SetClock(t time.Time) { w.clock.Store(t.UnixNano()) }

// settle makes the places, the customers and the truck.
func (w *World) settle(t testing.TB) {
	t.Helper()
	ctx := t.Context()
	for _, f := range []facility.Facility{
		{ID: "works", DisplayName: "Works", Kind: facility.Factory, Ground: crm.Ground{Point: AtFactory}},
		{ID: "depot", DisplayName: "Depot", Kind: facility.Warehouse, Ground: crm.Ground{Point: AtDepot}},
	} {
		_, err := w.Facilities.Create(ctx, f, "")
		require.NoError(t, err)
	}
	_, err := w.Facilities.CreateStation(ctx, facility.Station{Facility: "works", ID: "assembly", DisplayName: "Assembly", Line: "A"}, "")
	require.NoError(t, err)
	for _, l := range []facility.StorageLocation{
		{Facility: "works", ID: "bay-4", DisplayName: "Bay 4"}, {Facility: "depot", ID: "rack-1", DisplayName: "Rack 1"},
	} {
		_, err = w.Facilities.CreateStorageLocation(ctx, l, "")
		require.NoError(t, err)
	}
	for _, c := range []customer.Customer{
		{ID: "acme", DisplayName: "Acme Laboratories", Language: "zh", Phone: "010 6552 9988"},
		{ID: "rival", DisplayName: "Rival Works", Phone: "+86 138 0013 8000"},
	} {
		_, err = w.Customers.Create(ctx, c, "")
		require.NoError(t, err)
	}
	for _, s := range []customer.Site{
		{Customer: "acme", ID: "lab", DisplayName: "Main lab", Ground: crm.Ground{Point: AtLab}},
		{Customer: "rival", ID: "gate", DisplayName: "Rival's gate", Ground: crm.Ground{Point: AtRival}},
	} {
		_, err = w.Customers.CreateSite(ctx, s, "")
		require.NoError(t, err)
	}
	_, err = w.Motion.CreateVehicle(ctx, tracking.Vehicle{UID: Truck, DisplayName: "Truck one"}, "")
	require.NoError(t, err)
	_, err = w.Motion.CreateDevice(ctx, tracking.Device{UID: Device}, "")
	require.NoError(t, err)
	require.NoError(t, w.Motion.FitDevice(ctx, tracking.Fitting{Device: Device, Vehicle: Truck, Primary: true, From: Start().AddDate(-1, 0, 0)}))
}

// Drive delivers a fix of the truck.
func (w *World) Drive(t testing.TB, at time.Time, to orb.Point) {
	t.Helper()
	outcomes, err := w.ingester.Deliver(t.Context(), []tracking.Report{
		{Device: Device, Received: at.Add(time.Second), Source: "test", Fix: tracking.NewFix(at, to)},
	})
	require.NoError(t, err)
	require.Equal(t, tracking.Stored, outcomes[0].Kind, outcomes[0].Detail)
}

// Order takes an order of the customer, to its site.
func (w *World) Order(t testing.TB, id, customer, site string) {
	t.Helper()
	_, err := w.Orders.Create(t.Context(), order.Order{
		ID: id, Customer: customer, Destination: site, Lines: []order.Line{{SKU: "P-1", Quantity: 2, Unit: "piece"}},
	}, nil, "")
	require.NoError(t, err)
}

// Happen records an event of the order's first shipment.
func (w *World) Happen(t testing.TB, id, step string, at time.Time, readPoint, vehicle string) order.Event {
	t.Helper()
	e, err := w.Orders.Record(t.Context(), order.Event{
		Order: id, Shipment: "1", BizStep: step, Time: at, ReadPoint: readPoint, Vehicle: vehicle,
	}, "")
	require.NoError(t, err)
	return e
}

// Drain lets the shipments follow what the truck did.
func (w *World) Drain(t testing.TB) {
	t.Helper()
	require.NoError(t, custody.NewConsumer(w.Pool, w.Orders, w.Logger).Drain(t.Context()))
	var left int
	require.NoError(t, w.Pool.QueryRow(t.Context(), "select count(*) from tracking.transition_outbox").Scan(&left))
	require.Zero(t, left)
}

// Events are what happened to the order's first shipment, as words: the step, with
// an asterisk when it is automatic and a minus when it no longer holds.
func (w *World) Events(t testing.TB, id string) []string {
	t.Helper()
	events, _, err := w.Orders.Events(t.Context(), id, "1", true, 1000, "")
	require.NoError(t, err)
	var words []string
	for _, e := range events {
		word := e.BizStep
		if e.Automatic {
			word += "*"
		}
		if !e.Holds() {
			word = "-" + word
		}
		words = append(words, word)
	}
	return words
}

// As is a context in which the customer calls; with an empty name, an admin.
func As(ctx context.Context, customer string) context.Context {
	if customer == "" {
		return access.WithCaller(ctx, access.Caller{Role: access.Admin})
	}
	return access.WithCaller(ctx, access.Caller{Role: access.Customer, Customer: customer})
}
