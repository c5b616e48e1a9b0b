package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	crmv1 "waybill/proto/waybill/crm/v1"
)

// TestOrderFromStationToSite follows one order through everything that has custody
// of it, on gRPC, REST and the tracking link.
func TestOrderFromStationToSite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	link := w.link(t)
	token := strings.TrimPrefix(link, "http://"+w.http)
	now := time.Now()

	// see asks all three faces, and proves that they agree.
	see := func(stage crmv1.Stage, kind string) *crmv1.ShipmentLocation {
		t.Helper()
		at := w.where(t)
		require.Equal(t, stage, at.GetStage())
		require.Equal(t, kind, at.GetPlace().GetKind())
		for _, path := range []string{"/v1/" + w.order + "/location", token + "/location"} {
			var answer locationAnswer
			bearer := w.admin
			if !strings.HasPrefix(path, "/v1/") {
				bearer = ""
			}
			code, body := w.get(t, bearer, path)
			require.Equal(t, 200, code, "%s", body)
			require.NoError(t, json.Unmarshal(body, &answer))
			require.Equal(t, stage.String(), answer.Location.Shipments[0].Stage, path)
			require.Equal(t, kind, answer.Location.Shipments[0].Place.Kind, path)
		}
		return at
	}

	w.happen(t, &crmv1.Event{BizStep: "commissioning", ReadPoint: "facilities/works/stations/final-assembly", EventTime: stamp(now.Add(-3 * time.Hour))})
	at := see(crmv1.Stage_STAGE_PRODUCTION, "station")
	require.Equal(t, "Final assembly", at.GetPlace().GetDisplayName())
	require.Equal(t, crmv1.Freshness_FRESHNESS_FIXED, at.GetFreshness())

	w.happen(t, &crmv1.Event{BizStep: "storing", ReadPoint: "facilities/works/storageLocations/bay-4", EventTime: stamp(now.Add(-2 * time.Hour))})
	at = see(crmv1.Stage_STAGE_WAREHOUSE, "storage_location")
	require.Equal(t, "Bay 4", at.GetPlace().GetDisplayName())

	w.publish(t, ownTracks(now.Add(-61*time.Minute), factoryPoint.GetLongitude(), factoryPoint.GetLatitude()))
	w.happen(t, &crmv1.Event{BizStep: "loading", ReadPoint: "facilities/works", Vehicle: "vehicles/truck-1", EventTime: stamp(now.Add(-time.Hour))})
	see(crmv1.Stage_STAGE_TRANSIT, "vehicle")

	w.publish(t, ownTracks(now.Add(-30*time.Minute), 121.0, 31.27))
	w.awaitStep(t, "departing")
	w.publish(t, ownTracks(now.Add(-10*time.Second), sitePoint.GetLongitude(), sitePoint.GetLatitude()))
	w.awaitStep(t, "arriving")
	at = w.where(t)
	require.NotNil(t, at.GetPoint())
	require.InDelta(t, sitePoint.GetLongitude(), at.GetPoint().GetLongitude(), 1e-9)

	w.happen(t, &crmv1.Event{BizStep: "accepting", ReadPoint: "customers/acme/sites/lab", EventTime: stamp(now)})
	at = see(crmv1.Stage_STAGE_DELIVERED, "site")
	require.Equal(t, crmv1.Status_STATUS_DELIVERED, at.GetStatus())

	// The truck drives on; nobody who follows the order sees where.
	w.publish(t, ownTracks(now.Add(2*time.Second), 121.9, 31.9))
	at = see(crmv1.Stage_STAGE_DELIVERED, "site")
	require.InDelta(t, sitePoint.GetLongitude(), at.GetPoint().GetLongitude(), 1e-9)
	_, body := w.get(t, "", token+"/location")
	require.NotContains(t, string(body), "121.9")
	require.NotContains(t, string(body), "truck-1")
}

func TestCustomerSeesItsOwnOrdersOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for customer, want := range map[string]codes.Code{"acme": codes.OK, "rival": codes.NotFound} {
		secret := w.token(t, "customer", "--customer", "customers/"+customer)
		conn := dial(t, w.grpc, secret)
		_, err := crmv1.NewLocationServiceClient(conn).GetOrderLocation(t.Context(), &crmv1.GetOrderLocationRequest{Order: w.order})
		require.Equal(t, want, status.Code(err), customer)
		_, err = crmv1.NewOrderServiceClient(conn).GetOrder(t.Context(), &crmv1.GetOrderRequest{Name: w.order})
		require.Equal(t, want, status.Code(err), customer)
		list, err := crmv1.NewOrderServiceClient(conn).ListOrders(t.Context(), &crmv1.ListOrdersRequest{})
		require.NoError(t, err)
		require.Len(t, list.GetOrders(), map[string]int{"acme": 1, "rival": 0}[customer])
		_, err = crmv1.NewOrderServiceClient(conn).RecordEvent(t.Context(), &crmv1.RecordEventRequest{Shipment: w.shipment})
		require.Equal(t, codes.PermissionDenied, status.Code(err), customer)
	}
	// Somebody else's order and one that doesn't exist answer alike.
	rival := w.token(t, "customer", "--customer", "customers/rival")
	missing, _ := w.get(t, rival, "/v1/orders/SO-9999/location")
	foreign, _ := w.get(t, rival, "/v1/"+w.order+"/location")
	require.Equal(t, missing, foreign)
}

func TestWrongTrackingLinksAnswerAlike(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := strings.TrimPrefix(w.link(t), "http://"+w.http)
	code, _ := w.get(t, "", path+"/location")
	require.Equal(t, 200, code)

	links, err := w.links.ListTrackingLinks(t.Context(), &crmv1.ListTrackingLinksRequest{Parent: w.order})
	require.NoError(t, err)
	require.Len(t, links.GetTrackingLinks(), 1)
	_, err = w.links.RevokeTrackingLink(t.Context(), &crmv1.RevokeTrackingLinkRequest{Name: links.GetTrackingLinks()[0].GetName()})
	require.NoError(t, err)

	revoked, revokedBody := w.get(t, "", path+"/location")
	unknown, unknownBody := w.get(t, "", "/t/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/location")
	require.Equal(t, 404, revoked)
	require.Equal(t, unknown, revoked)
	require.Equal(t, string(unknownBody), string(revokedBody))
}

// link makes a tracking link for the order.
func (w *world) link(t *testing.T) string {
	t.Helper()
	resp, err := w.links.CreateTrackingLink(t.Context(), &crmv1.CreateTrackingLinkRequest{Parent: w.order})
	require.NoError(t, err)
	require.Contains(t, resp.GetUri(), "http://"+w.http+"/t/")
	return resp.GetUri()
}

// awaitStep waits, on the order's own stream, until a step that follows from a
// transition has come.
func (w *world) awaitStep(t *testing.T, step string) {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), patience, fmt.Errorf("no event %q came", step))
	defer cancel()
	stream, err := w.locations.WatchOrderLocation(ctx, &crmv1.WatchOrderLocationRequest{Order: w.order})
	require.NoError(t, err)
	for {
		_, err := stream.Recv()
		require.NoError(t, err, "waiting for %s", step)
		events, err := w.orders.ListEvents(ctx, &crmv1.ListEventsRequest{Parent: w.shipment})
		require.NoError(t, err)
		for _, e := range events.GetEvents() {
			if e.GetBizStep() == step && e.GetAutomatic() {
				return
			}
		}
	}
}
