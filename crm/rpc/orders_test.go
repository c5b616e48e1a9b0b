package rpc_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/crm/crmtest"
	crmv1 "waybill/proto/waybill/crm/v1"
)

func (f face) take(t *testing.T, id, customer, site string) {
	t.Helper()
	_, err := f.orders.CreateOrder(as(t, ""), &crmv1.CreateOrderRequest{OrderId: id, RequestId: uuid.NewString(), Order: &crmv1.Order{
		Customer: customer, Destination: site, Reference: "PO-" + id,
		Lines:          []*crmv1.OrderLine{{Sku: "P-1", Quantity: 2, Unit: "piece"}},
		PromisedWindow: &crmv1.TimeWindow{StartTime: stamp(60), EndTime: stamp(120)},
	}})
	require.NoError(t, err)
}

func stamp(minutes float64) *timestamppb.Timestamp { return timestamppb.New(crmtest.At(minutes)) }

func (f face) happen(t *testing.T, shipment string, e *crmv1.Event) {
	t.Helper()
	_, err := f.orders.RecordEvent(as(t, ""), &crmv1.RecordEventRequest{Shipment: shipment, Event: e, RequestId: uuid.NewString()})
	require.NoError(t, err)
}

func TestOrderService(t *testing.T) {
	t.Parallel()
	f := serve(t)
	f.take(t, "SO-1", crmtest.Acme, crmtest.AcmeSite)
	f.take(t, "SO-2", crmtest.Rival, "")
	got, err := f.orders.GetOrder(as(t, crmtest.Acme), &crmv1.GetOrderRequest{Name: "orders/SO-1"})
	require.NoError(t, err)
	require.Equal(t, crmv1.Status_STATUS_PENDING, got.GetOrder().GetStatus())
	require.Equal(t, crmtest.AcmeSite, got.GetOrder().GetDestination())
	require.Equal(t, crmtest.At(60), got.GetOrder().GetPromisedWindow().GetStartTime().AsTime())
	for _, name := range []string{"orders/SO-2", "orders/SO-9"} {
		_, err = f.orders.GetOrder(as(t, crmtest.Acme), &crmv1.GetOrderRequest{Name: name})
		require.Equal(t, codes.NotFound, status.Code(err))
		_, err = f.orders.ListShipments(as(t, crmtest.Acme), &crmv1.ListShipmentsRequest{Parent: name})
		require.Equal(t, codes.NotFound, status.Code(err))
		_, err = f.orders.ListEvents(as(t, crmtest.Acme), &crmv1.ListEventsRequest{Parent: name + "/shipments/1"})
		require.Equal(t, codes.NotFound, status.Code(err))
		_, err = f.locations.GetOrderLocation(as(t, crmtest.Acme), &crmv1.GetOrderLocationRequest{Order: name})
		require.Equal(t, codes.NotFound, status.Code(err))
	}
	for customer, want := range map[string]int{crmtest.Acme: 1, "": 2, "customers/new": 0} {
		list, err := f.orders.ListOrders(as(t, customer), &crmv1.ListOrdersRequest{})
		require.NoError(t, err)
		require.Len(t, list.GetOrders(), want, customer)
	}
	list, err := f.orders.ListOrders(as(t, crmtest.Acme), &crmv1.ListOrdersRequest{Customer: crmtest.Rival})
	require.NoError(t, err)
	require.Empty(t, list.GetOrders())
	_, err = f.orders.ListOrders(t.Context(), &crmv1.ListOrdersRequest{})
	require.Equal(t, codes.PermissionDenied, status.Code(err))

	updated, err := f.orders.UpdateOrder(as(t, ""), &crmv1.UpdateOrderRequest{
		Order: &crmv1.Order{Name: "orders/SO-1", Reference: "PO-new"}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"reference"}},
	})
	require.NoError(t, err)
	require.Equal(t, "PO-new", updated.GetOrder().GetReference())
	_, err = f.orders.UpdateOrder(as(t, ""), &crmv1.UpdateOrderRequest{
		Order: &crmv1.Order{Name: "orders/SO-1", Destination: "customers/rival/sites/gate"},
	})
	require.Equal(t, []string{"order.destination"}, fields(t, err))
	added, err := f.orders.CreateShipment(as(t, ""), &crmv1.CreateShipmentRequest{
		Parent: "orders/SO-1", Shipment: &crmv1.Shipment{Lines: []*crmv1.ShipmentLine{{LineNumber: 1, Quantity: 1}}},
	})
	require.NoError(t, err)
	require.Equal(t, "orders/SO-1/shipments/2", added.GetShipment().GetName())
	_, err = f.orders.RecordEvent(as(t, ""), &crmv1.RecordEventRequest{Shipment: "orders/SO-1/shipments/1", Event: &crmv1.Event{BizStep: "delivering"}})
	require.Equal(t, []string{"event.biz_step"}, fields(t, err))
	require.ErrorContains(t, err, "accepting")
}

func TestLocationService(t *testing.T) {
	t.Parallel()
	f := serve(t)
	f.take(t, "SO-1", crmtest.Acme, crmtest.AcmeSite)
	const shipment = "orders/SO-1/shipments/1"
	ctx, cancel := context.WithTimeout(as(t, crmtest.Acme), time.Minute)
	defer cancel()
	stream, err := f.locations.WatchOrderLocation(ctx, &crmv1.WatchOrderLocationRequest{Order: "orders/SO-1"})
	require.NoError(t, err)
	until := func(wanted func(*crmv1.ShipmentLocation) bool) *crmv1.ShipmentLocation {
		for {
			got, err := stream.Recv()
			require.NoError(t, err)
			if at := got.GetLocation().GetShipments()[0]; wanted(at) {
				return at
			}
		}
	}
	until(func(at *crmv1.ShipmentLocation) bool { return at.GetUnknownReason() == "not_yet_made" })
	f.happen(t, shipment, &crmv1.Event{BizStep: "storing", EventTime: stamp(-10), ReadPoint: crmtest.Bay})
	at := until(func(at *crmv1.ShipmentLocation) bool { return at.GetStage() == crmv1.Stage_STAGE_WAREHOUSE })
	require.Equal(t, crmv1.Freshness_FRESHNESS_FIXED, at.GetFreshness())
	require.Equal(t, "storage_location", at.GetPlace().GetKind())
	f.happen(t, shipment, &crmv1.Event{BizStep: "loading", EventTime: stamp(0), ReadPoint: crmtest.Factory, Vehicle: "vehicles/truck-1"})
	f.SetClock(crmtest.At(5))
	f.Drive(t, crmtest.At(5), crmtest.OnRoad)
	at = until(func(at *crmv1.ShipmentLocation) bool { return at.GetFreshness() == crmv1.Freshness_FRESHNESS_LIVE })
	require.Equal(t, crmtest.At(5), at.GetAsOfTime().AsTime())
	require.Nil(t, at.Speed)
	require.Equal(t, "Works", at.GetNearest().GetDisplayName())
	require.Len(t, at.GetStages(), 2)

	f.happen(t, shipment, &crmv1.Event{BizStep: "accepting", EventTime: stamp(6), Note: "signed by Li"})
	at = until(func(at *crmv1.ShipmentLocation) bool { return at.GetStatus() == crmv1.Status_STATUS_DELIVERED })
	require.Equal(t, crmtest.AcmeSite, at.GetPlace().GetName())

	events, err := f.orders.ListEvents(as(t, crmtest.Acme), &crmv1.ListEventsRequest{Parent: shipment})
	require.NoError(t, err)
	require.Len(t, events.GetEvents(), 3)
	for _, e := range events.GetEvents() {
		require.Empty(t, e.GetVehicle()+e.GetNote())
	}
	events, err = f.orders.ListEvents(as(t, ""), &crmv1.ListEventsRequest{Parent: shipment})
	require.NoError(t, err)
	require.Equal(t, "vehicles/truck-1", events.GetEvents()[1].GetVehicle())
	foreign, err := f.locations.WatchOrderLocation(as(t, crmtest.Rival), &crmv1.WatchOrderLocationRequest{Order: "orders/SO-1"})
	require.NoError(t, err)
	_, err = foreign.Recv()
	require.Equal(t, codes.NotFound, status.Code(err))
}

func TestLinkService(t *testing.T) {
	t.Parallel()
	f := serve(t)
	f.take(t, "SO-1", crmtest.Acme, crmtest.AcmeSite)
	made, err := f.links.CreateTrackingLink(as(t, ""), &crmv1.CreateTrackingLinkRequest{Parent: "orders/SO-1"})
	require.NoError(t, err)
	require.Contains(t, made.GetUri(), "https://track.example.com/t/")
	revoked, err := f.links.RevokeTrackingLink(as(t, ""), &crmv1.RevokeTrackingLinkRequest{Name: made.GetTrackingLink().GetName()})
	require.NoError(t, err)
	require.NotNil(t, revoked.GetTrackingLink().GetRevokeTime())
	list, err := f.links.ListTrackingLinks(as(t, ""), &crmv1.ListTrackingLinksRequest{Parent: "orders/SO-1"})
	require.NoError(t, err)
	require.Len(t, list.GetTrackingLinks(), 1)
	_, err = f.links.RevokeTrackingLink(as(t, crmtest.Rival), &crmv1.RevokeTrackingLinkRequest{Name: made.GetTrackingLink().GetName()})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = f.links.CreateTrackingLink(as(t, ""), &crmv1.CreateTrackingLinkRequest{
		Parent: "orders/SO-1", TrackingLink: &crmv1.TrackingLink{ExpireTime: stamp(-1)},
	})
	require.Equal(t, []string{"tracking_link.expire_time"}, fields(t, err))
}

func TestSearchService(t *testing.T) {
	t.Parallel()
	f := serve(t)
	f.take(t, "SO-1", crmtest.Acme, "")
	f.take(t, "R-SO-1", crmtest.Rival, "")
	for customer, want := range map[string]int{"": 2, crmtest.Acme: 1, crmtest.Rival: 1} {
		found, err := f.search.Search(as(t, customer), &crmv1.SearchRequest{Query: "SO-1"})
		require.NoError(t, err)
		require.Len(t, found.GetResults(), want)
	}
	_, err := f.search.Search(as(t, ""), &crmv1.SearchRequest{Query: "x"})
	require.Equal(t, []string{"query"}, fields(t, err))
}
