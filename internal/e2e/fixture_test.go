package e2e_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	crmv1 "waybill/proto/waybill/crm/v1"
	geov1 "waybill/proto/waybill/geo/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// Where the world of these tests is.
var (
	factoryPoint = &geov1.Point{Longitude: 120.60, Latitude: 31.30}
	sitePoint    = &geov1.Point{Longitude: 121.47, Latitude: 31.23}
)

// world is a small company: a factory, a customer, a truck with a tracker, and an
// order.
type world struct {
	*stack
	orders     crmv1.OrderServiceClient
	locations  crmv1.LocationServiceClient
	links      crmv1.TrackingLinkServiceClient
	fixes      trackingv1.FixServiceClient
	devices    trackingv1.DeviceServiceClient
	vehicles   trackingv1.VehicleServiceClient
	customers  crmv1.CustomerServiceClient
	facilities crmv1.FacilityServiceClient

	device, password string // MQTT
	phone            string
	order, shipment  string
}

// newWorld makes the company. The order's goods are not made yet.
func newWorld(t *testing.T, gatewayArgs ...string) *world {
	t.Helper()
	return newStack(t, gatewayArgs...).world(t)
}

// world makes the company on a running Waybill.
func (s *stack) world(t *testing.T) *world {
	t.Helper()
	w := s.clients(t)
	ctx := t.Context()

	_, err := w.facilities.CreateFacility(ctx, &crmv1.CreateFacilityRequest{FacilityId: "works", Facility: &crmv1.Facility{
		DisplayName: "Suzhou works", Kind: crmv1.FacilityKind_FACILITY_KIND_FACTORY, Point: factoryPoint,
	}})
	require.NoError(t, err)
	_, err = w.facilities.CreateStation(ctx, &crmv1.CreateStationRequest{
		Parent: "facilities/works", StationId: "final-assembly",
		Station: &crmv1.Station{DisplayName: "Final assembly", Line: "1"},
	})
	require.NoError(t, err)
	_, err = w.facilities.CreateStorageLocation(ctx, &crmv1.CreateStorageLocationRequest{
		Parent: "facilities/works", StorageLocationId: "bay-4",
		StorageLocation: &crmv1.StorageLocation{DisplayName: "Bay 4"},
	})
	require.NoError(t, err)
	for _, id := range []string{"acme", "rival"} {
		_, err = w.customers.CreateCustomer(ctx, &crmv1.CreateCustomerRequest{
			CustomerId: id,
			Customer:   &crmv1.Customer{DisplayName: id + " Ltd", Language: "en"},
		})
		require.NoError(t, err)
	}
	_, err = w.customers.CreateSite(ctx, &crmv1.CreateSiteRequest{
		Parent: "customers/acme", SiteId: "lab",
		Site: &crmv1.Site{DisplayName: "Acme laboratory", Point: sitePoint},
	})
	require.NoError(t, err)
	w.fleet(t)
	w.takeOrder(t)
	return w
}

// clients dials the API as an admin.
func (s *stack) clients(t *testing.T) *world {
	t.Helper()
	conn, tracking := dial(t, s.grpc, s.admin), dial(t, s.tracking, s.admin)
	return &world{
		stack:      s,
		orders:     crmv1.NewOrderServiceClient(conn),
		locations:  crmv1.NewLocationServiceClient(conn),
		links:      crmv1.NewTrackingLinkServiceClient(conn),
		fixes:      trackingv1.NewFixServiceClient(tracking),
		devices:    trackingv1.NewDeviceServiceClient(tracking),
		vehicles:   trackingv1.NewVehicleServiceClient(tracking),
		customers:  crmv1.NewCustomerServiceClient(conn),
		facilities: crmv1.NewFacilityServiceClient(conn),
	}
}

// fleet makes a truck with a tracker that has a password and a SIM.
func (w *world) fleet(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	w.device, w.phone = "unit-1", "+8613800138001"
	_, err := w.devices.CreateDevice(ctx, &trackingv1.CreateDeviceRequest{
		DeviceId: w.device,
		Device:   &trackingv1.Device{DisplayName: "Unit 1", Phone: w.phone},
	})
	require.NoError(t, err)
	w.password = w.credential(t, w.device)
	_, err = w.vehicles.CreateVehicle(ctx, &trackingv1.CreateVehicleRequest{
		VehicleId: "truck-1",
		Vehicle:   &trackingv1.Vehicle{DisplayName: "Truck 1", Plate: "苏E·12345"},
	})
	require.NoError(t, err)
	_, err = w.vehicles.FitDevice(ctx, &trackingv1.FitDeviceRequest{
		Vehicle: "vehicles/truck-1", Device: "devices/" + w.device,
		FromTime: stamp(time.Now().Add(-24 * time.Hour)),
	})
	require.NoError(t, err)
}

// credential issues a device's password.
func (w *world) credential(t *testing.T, device string) string {
	t.Helper()
	resp, err := w.devices.RotateDeviceCredential(t.Context(), &trackingv1.RotateDeviceCredentialRequest{Name: "devices/" + device})
	require.NoError(t, err)
	require.Equal(t, device, resp.GetUsername())
	return resp.GetPassword()
}

// takeOrder takes acme's order.
func (w *world) takeOrder(t *testing.T) {
	t.Helper()
	resp, err := w.orders.CreateOrder(t.Context(), &crmv1.CreateOrderRequest{OrderId: "SO-1001", Order: &crmv1.Order{
		Customer: "customers/acme", Destination: "customers/acme/sites/lab", Reference: "PO 77",
		Lines: []*crmv1.OrderLine{{Number: 1, Sku: "SPM-2", Description: "Spectrometer", Quantity: 2, Unit: "piece"}},
		PromisedWindow: &crmv1.TimeWindow{
			StartTime: stamp(time.Now().Add(2 * time.Hour)), EndTime: stamp(time.Now().Add(4 * time.Hour)),
		},
	}})
	require.NoError(t, err)
	w.order, w.shipment = resp.GetOrder().GetName(), resp.GetShipments()[0].GetName()
}

// happen records what happened to the shipment just now.
func (w *world) happen(t *testing.T, event *crmv1.Event) {
	t.Helper()
	_, err := w.orders.RecordEvent(t.Context(), &crmv1.RecordEventRequest{Shipment: w.shipment, Event: event})
	require.NoError(t, err)
}

// load makes the goods and puts them on the truck.
func (w *world) load(t *testing.T) {
	t.Helper()
	w.happen(t, &crmv1.Event{BizStep: "commissioning", ReadPoint: "facilities/works/stations/final-assembly"})
	w.happen(t, &crmv1.Event{BizStep: "storing", ReadPoint: "facilities/works/storageLocations/bay-4"})
	w.happen(t, &crmv1.Event{BizStep: "loading", ReadPoint: "facilities/works", Vehicle: "vehicles/truck-1"})
}

// where asks where the order is.
func (w *world) where(t *testing.T) *crmv1.ShipmentLocation {
	t.Helper()
	resp, err := w.locations.GetOrderLocation(t.Context(), &crmv1.GetOrderLocationRequest{Order: w.order})
	require.NoError(t, err)
	require.Len(t, resp.GetLocation().GetShipments(), 1)
	return resp.GetLocation().GetShipments()[0]
}

func stamp(t time.Time) *timestamppb.Timestamp { return timestamppb.New(t) }
