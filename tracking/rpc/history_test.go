package rpc_test

import (
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/geo"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// zigzag is a drive with a corner of about 100 m at every tenth fix; between them it is
// straight.
func zigzag(n int) []tracking.Report {
	reports := make([]tracking.Report, n)
	p := orb.Point{116, 39}
	for i := range reports {
		reports[i] = report("a", i)
		reports[i].Fix.Position = p
		reports[i].Fix.Attributes = map[string]any{"fix": float64(i)}
		p = geo.Destination(p, 45+float64(i/10%2)*90, 20)
	}
	return reports
}

func TestGetTrack(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	b.fleet(t)
	reports := zigzag(301)
	b.deliver(t, reports...)
	client := trackingv1.NewHistoryServiceClient(b.conn)

	for _, name := range []string{"vehicles/x", "devices/a"} {
		response, err := client.GetTrack(t.Context(), &trackingv1.GetTrackRequest{Name: name, Tolerance: 1})
		require.NoError(t, err)
		track := response.GetTrack()
		require.EqualValues(t, 301, track.GetFixCount())
		require.Len(t, track.GetFixes(), 31, "the corners")
		require.LessOrEqual(t, track.GetDeviation(), 1.0)
		for i, fix := range track.GetFixes() {
			require.Equal(t, reports[10*i].Fix.Time, fix.GetFixTime().AsTime())
			require.Nil(t, fix.GetAttributes())
		}
	}

	response, err := client.GetTrack(t.Context(), &trackingv1.GetTrackRequest{Name: "vehicles/x", Tolerance: 1, MaxPoints: 20})
	require.NoError(t, err)
	require.Len(t, response.GetTrack().GetFixes(), 20)
	require.Greater(t, response.GetTrack().GetDeviation(), 20.0)

	response, err = client.GetTrack(t.Context(), &trackingv1.GetTrackRequest{
		Name: "vehicles/x", FromTime: timestamppb.New(reports[10].Fix.Time), ToTime: timestamppb.New(reports[21].Fix.Time),
	})
	require.NoError(t, err)
	require.EqualValues(t, 11, response.GetTrack().GetFixCount())
	require.Equal(t, reports[10].Fix.Time, response.GetTrack().GetFixes()[0].GetFixTime().AsTime())
}

func TestGetTrackRefuses(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	b.fleet(t)
	client := trackingv1.NewHistoryServiceClient(b.conn)
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		request *trackingv1.GetTrackRequest
		code    codes.Code
	}{
		"no name":              {&trackingv1.GetTrackRequest{}, codes.InvalidArgument},
		"another collection":   {&trackingv1.GetTrackRequest{Name: "zones/a"}, codes.InvalidArgument},
		"unknown vehicle":      {&trackingv1.GetTrackRequest{Name: "vehicles/none"}, codes.NotFound},
		"unknown device":       {&trackingv1.GetTrackRequest{Name: "devices/none"}, codes.NotFound},
		"less than nothing":    {&trackingv1.GetTrackRequest{Name: "vehicles/x", Tolerance: -1}, codes.InvalidArgument},
		"no number":            {&trackingv1.GetTrackRequest{Name: "vehicles/x", Tolerance: math.NaN()}, codes.InvalidArgument},
		"one point":            {&trackingv1.GetTrackRequest{Name: "vehicles/x", MaxPoints: 1}, codes.InvalidArgument},
		"fewer than no points": {&trackingv1.GetTrackRequest{Name: "vehicles/x", MaxPoints: -5}, codes.InvalidArgument},
		"the wrong way round": {&trackingv1.GetTrackRequest{
			Name: "vehicles/x", FromTime: timestamppb.New(now), ToTime: timestamppb.New(now.Add(-time.Hour)),
		}, codes.InvalidArgument},
	} {
		_, err := client.GetTrack(t.Context(), c.request)
		require.Equal(t, c.code, status.Code(err), "%s: %v", name, err)
	}
	response, err := client.GetTrack(t.Context(), &trackingv1.GetTrackRequest{Name: "vehicles/x"})
	require.NoError(t, err)
	require.Empty(t, response.GetTrack().GetFixes(), "it never moved")
}

func TestStreamTrack(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	b.fleet(t)
	reports := zigzag(2_500)
	b.deliver(t, reports...)

	i := 0
	for got, err := range b.client.Track(t.Context(), tracking.TrackQuery{Device: "a"}) {
		require.NoError(t, err)
		require.Equal(t, "a", got.Device)
		require.Equal(t, "test", got.Source)
		require.Equal(t, reports[i].Fix.Time, got.Fix.Time)
		require.Equal(t, reports[i].Fix.Position, got.Fix.Position)
		require.Equal(t, reports[i].Fix.Attributes, got.Fix.Attributes)
		i++
	}
	require.Len(t, reports, i)

	corners := 0
	for got, err := range b.client.SimplifiedTrack(t.Context(), tracking.TrackQuery{Vehicle: "x"}, 1) {
		require.NoError(t, err)
		corners++
		require.NotNil(t, got.Fix.Attributes)
	}
	require.Less(t, corners, 255)
	require.GreaterOrEqual(t, corners, 250)

	taken := 0
	for _, err := range b.client.Track(t.Context(), tracking.TrackQuery{Device: "a"}) {
		require.NoError(t, err)
		if taken++; taken == 3 {
			break // nothing of the stream is left behind, which goleak would see
		}
	}
	for _, err := range b.client.Track(t.Context(), tracking.TrackQuery{Device: "none"}) {
		require.ErrorIs(t, err, tracking.ErrNotFound)
	}
	stream, err := trackingv1.NewHistoryServiceClient(b.conn).StreamTrack(t.Context(),
		&trackingv1.StreamTrackRequest{Name: "devices/a", Tolerance: proto.Float64(-1)})
	require.NoError(t, err)
	_, err = stream.Recv()
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}
