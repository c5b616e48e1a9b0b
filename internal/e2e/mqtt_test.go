package e2e_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPublishedFixIsTheOrdersLocation(t *testing.T) {
	t.Parallel()
	grpcurl := grpcurl(t)
	w := newWorld(t)
	w.load(t)

	// One second after the loading, because a tracker's clock has whole seconds.
	at := time.Now().Add(time.Second)
	w.publish(t, ownTracks(at, 120.9, 31.28))

	var byRPC, byREST locationAnswer
	w.call(t, grpcurl, w.admin, "waybill.crm.v1.LocationService/GetOrderLocation", `{"order":"`+w.order+`"}`, &byRPC)
	w.curl(t, w.admin, "/v1/"+w.order+"/location", &byREST)
	for road, answer := range map[string]locationAnswer{"gRPC": byRPC, "REST": byREST} {
		require.Len(t, answer.Location.Shipments, 1, road)
		shipment := answer.Location.Shipments[0]
		require.Equal(t, "STAGE_TRANSIT", shipment.Stage, road)
		require.Equal(t, "FRESHNESS_LIVE", shipment.Freshness, road)
		require.NotNil(t, shipment.Point, road)
		require.InDelta(t, 120.9, shipment.Point.Longitude, 1e-9, road)
		require.InDelta(t, 31.28, shipment.Point.Latitude, 1e-9, road)
		require.Equal(t, "vehicle", shipment.Place.Kind, road)
		require.NotNil(t, shipment.NextStop, road)
		require.Equal(t, "Acme laboratory", shipment.NextStop.DisplayName, road)
	}
}
