package rpc_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	geov1 "waybill/proto/waybill/geo/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
)

func TestPositionsOfThePast(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	b.fleet(t)
	b.deliver(t, report("a", 1), report("a", 20))
	client := trackingv1.NewFixServiceClient(b.conn)
	first, between := report("a", 1).Fix.Time, timestamppb.New(report("a", 10).Fix.Time)

	for _, name := range []string{"vehicles/x", "devices/a"} {
		response, err := client.GetPosition(t.Context(), &trackingv1.GetPositionRequest{Name: name, ReadTime: between})
		require.NoError(t, err)
		require.Equal(t, first, response.GetPosition().GetFix().GetFixTime().AsTime())
		_, err = client.GetPosition(t.Context(), &trackingv1.GetPositionRequest{Name: name, ReadTime: timestamppb.New(first.Add(-time.Second))})
		require.Equal(t, codes.NotFound, status.Code(err))
	}
	list, err := client.ListPositions(t.Context(), &trackingv1.ListPositionsRequest{ReadTime: between})
	require.NoError(t, err)
	require.Len(t, list.GetPositions(), 1)
	require.Equal(t, "vehicles/x", list.GetPositions()[0].GetVehicle())
	require.Equal(t, "Truck x", list.GetPositions()[0].GetDisplayName())
	require.Equal(t, first, list.GetPositions()[0].GetFix().GetFixTime().AsTime())
	elsewhere := &geov1.Box{West: 0, South: 0, East: 1, North: 1}
	list, err = client.ListPositions(t.Context(), &trackingv1.ListPositionsRequest{ReadTime: between, Box: elsewhere})
	require.NoError(t, err)
	require.Empty(t, list.GetPositions())

	_, err = client.ListPositions(t.Context(), &trackingv1.ListPositionsRequest{ReadTime: &timestamppb.Timestamp{Seconds: -1e15}})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}
