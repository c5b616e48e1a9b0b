package rpc_test

import (
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	geov1 "waybill/proto/waybill/geo/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

func TestListPassages(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	var reports []tracking.Report
	for i, device := range []string{"unit-a", "unit-b", "unit-c"} {
		_, err := b.registry.CreateDevice(t.Context(), tracking.Device{UID: device}, "")
		require.NoError(t, err)
		for minute := range 3 {
			fix := tracking.NewFix(noon.Add(time.Duration(minute)*time.Minute), orb.Point{121 + float64(i)*0.001, 31})
			reports = append(reports, tracking.Report{Device: device, Received: fix.Time, Source: "test", Fix: fix})
		}
	}
	_, err := b.registry.CreateVehicle(t.Context(), tracking.Vehicle{UID: "truck", DisplayName: "Truck"}, "")
	require.NoError(t, err)
	require.NoError(t, b.registry.FitDevice(t.Context(), tracking.Fitting{Device: "unit-b", Vehicle: "truck", Primary: true, From: noon}))
	outcomes, err := b.ingester.Deliver(t.Context(), reports)
	require.NoError(t, err)
	for _, outcome := range outcomes {
		require.Equal(t, tracking.Stored, outcome.Kind)
	}

	client := trackingv1.NewPassageServiceClient(b.conn)
	request := &trackingv1.ListPassagesRequest{
		Circle:   &geov1.Circle{Center: &geov1.Point{Longitude: 121, Latitude: 31}, Radius: 150},
		FromTime: timestamppb.New(noon.Add(time.Minute)), ToTime: timestamppb.New(noon.Add(time.Hour)), PageSize: 1,
	}
	first, err := client.ListPassages(t.Context(), request)
	require.NoError(t, err)
	require.Len(t, first.GetPassages(), 1)
	require.Equal(t, "devices/unit-a", first.GetPassages()[0].GetDevice())
	require.Zero(t, first.GetPassages()[0].GetClosestDistance())
	request.PageToken = first.GetNextPageToken()
	second, err := client.ListPassages(t.Context(), request)
	require.NoError(t, err)
	require.Empty(t, second.GetNextPageToken())
	require.Len(t, second.GetPassages(), 1)
	p := second.GetPassages()[0]
	require.Equal(t, "devices/unit-b", p.GetDevice())
	require.Equal(t, "vehicles/truck", p.GetVehicle())
	require.Equal(t, "Truck", p.GetDisplayName())
	require.Equal(t, noon.Add(time.Minute), p.GetFirstTime().AsTime())
	require.Equal(t, noon.Add(2*time.Minute), p.GetLastTime().AsTime())
	require.EqualValues(t, 2, p.GetFixCount())
	require.InDelta(t, 95.3, p.GetClosestDistance(), 0.1)
	require.Equal(t, noon.Add(time.Minute), p.GetClosestTime().AsTime())

	for _, bad := range []*trackingv1.ListPassagesRequest{
		{},
		{Circle: request.GetCircle()},
		{Circle: request.GetCircle(), FromTime: request.GetFromTime(), ToTime: timestamppb.New(noon.AddDate(0, 2, 0))},
		{Circle: request.GetCircle(), FromTime: request.GetFromTime(), ToTime: request.GetToTime(), PageToken: "x"},
	} {
		_, err := client.ListPassages(t.Context(), bad)
		require.Equal(t, codes.InvalidArgument, status.Code(err), bad)
	}
}
