package rpc_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/geo"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// shuttle drives 600 m a minute for ten minutes and stands for ten in a yard, again and
// again.
func shuttle(t *testing.T, b *bed, rounds int) {
	t.Helper()
	b.fleet(t)
	home := report("a", 0).Fix.Position
	_, err := b.registry.CreateZone(t.Context(), tracking.Zone{UID: "yard", DisplayName: "The yard", Center: geo.Destination(home, 90, 6000), Radius: 400}, "")
	require.NoError(t, err)
	var reports []tracking.Report
	for minute := range 20 * rounds {
		r := report("a", 60*minute)
		east := float64(minute%20) * 600
		if minute%20 >= 10 {
			east = 6000
		}
		if minute/20%2 == 1 && minute%20 < 10 {
			east = 6000 - east
		} else if minute/20%2 == 1 {
			east = 0
		}
		r.Fix.Position = geo.Destination(home, 90, east)
		reports = append(reports, r)
	}
	b.deliver(t, reports...)
}

func TestTripService(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	shuttle(t, b, 6)
	client := trackingv1.NewTripServiceClient(b.conn)

	request := &trackingv1.ListTripsRequest{Parent: "vehicles/x", PageSize: 2}
	var trips []*trackingv1.Trip
	for {
		page, err := client.ListTrips(t.Context(), request)
		require.NoError(t, err)
		trips = append(trips, page.GetTrips()...)
		request.PageToken = page.GetNextPageToken()
		if page.GetNextPageToken() == "" {
			break
		}
		require.Len(t, page.GetTrips(), 2)
	}
	require.Len(t, trips, 6)
	var whole float64
	for _, trip := range trips {
		require.Equal(t, "devices/a", trip.GetDevice())
		require.Equal(t, "vehicles/x", trip.GetVehicle())
		require.InDelta(t, 6000, trip.GetDistance(), 400)
		whole += trip.GetDistance()
	}

	stops, err := client.ListStops(t.Context(), &trackingv1.ListStopsRequest{Parent: "vehicles/x"})
	require.NoError(t, err)
	require.Len(t, stops.GetStops(), 6)
	require.Equal(t, "zones/yard", stops.GetStops()[0].GetZones()[0].GetZone())
	require.Equal(t, "The yard", stops.GetStops()[0].GetZones()[0].GetDisplayName())
	require.Empty(t, stops.GetStops()[1].GetZones())
	require.True(t, stops.GetStops()[5].GetUnderWay())

	for _, name := range []string{"vehicles/x", "devices/a"} {
		way, err := client.GetMileage(t.Context(), &trackingv1.GetMileageRequest{Name: name})
		require.NoError(t, err)
		require.InDelta(t, whole, way.GetDistance(), 1e-6)
		days, err := client.ListUtilizations(t.Context(), &trackingv1.ListUtilizationsRequest{Parent: name, TimeZone: "Asia/Shanghai"})
		require.NoError(t, err)
		require.Len(t, days.GetUtilizations(), 1)
		day := days.GetUtilizations()[0]
		require.Equal(t, "2026-03-01", day.GetDate())
		require.EqualValues(t, 6, day.GetTripCount())
		require.InDelta(t, whole, day.GetDistance(), 1e-6)
		known := day.GetMovingDuration().AsDuration() + day.GetIdlingDuration().AsDuration() + day.GetStoppedDuration().AsDuration()
		require.Equal(t, 119*time.Minute, known)
	}

	times, err := client.ListZoneTimes(t.Context(), &trackingv1.ListZoneTimesRequest{Parent: "vehicles/x"})
	require.NoError(t, err)
	require.Len(t, times.GetZoneTimes(), 1)
	require.Equal(t, "The yard", times.GetZoneTimes()[0].GetDisplayName())
	require.EqualValues(t, 3, times.GetZoneTimes()[0].GetVisitCount())
}

func TestTripServiceRefuses(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	b.fleet(t)
	client := trackingv1.NewTripServiceClient(b.conn)
	_, err := client.ListTrips(t.Context(), &trackingv1.ListTripsRequest{Parent: "vehicles/none"})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = client.ListStops(t.Context(), &trackingv1.ListStopsRequest{Parent: "zones/x"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = client.ListStops(t.Context(), &trackingv1.ListStopsRequest{Parent: "vehicles/x", PageToken: "?"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	now := time.Now()
	_, err = client.GetMileage(t.Context(), &trackingv1.GetMileageRequest{Name: "vehicles/x", FromTime: timestamppb.New(now), ToTime: timestamppb.New(now.Add(-1))})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = client.ListUtilizations(t.Context(), &trackingv1.ListUtilizationsRequest{Parent: "vehicles/x", TimeZone: "Nowhere/Land"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	require.ErrorContains(t, err, "time_zone")
	_, err = client.ListZoneTimes(t.Context(), &trackingv1.ListZoneTimesRequest{Parent: "devices/a"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	empty, err := client.ListTrips(t.Context(), &trackingv1.ListTripsRequest{Parent: "vehicles/x"})
	require.NoError(t, err)
	require.Empty(t, empty.GetTrips())
}
