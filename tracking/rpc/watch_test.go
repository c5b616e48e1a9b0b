package rpc_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	geov1 "waybill/proto/waybill/geo/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// fleet puts device a on vehicle x.
func (b *bed) fleet(t *testing.T) {
	t.Helper()
	_, err := b.registry.CreateDevice(t.Context(), tracking.Device{UID: "a"}, "")
	require.NoError(t, err)
	_, err = b.registry.CreateVehicle(t.Context(), tracking.Vehicle{UID: "x", DisplayName: "Truck x"}, "")
	require.NoError(t, err)
	from := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	require.NoError(t, b.registry.FitDevice(t.Context(), tracking.Fitting{Device: "a", Vehicle: "x", Primary: true, From: from}))
}

func (b *bed) deliver(t *testing.T, reports ...tracking.Report) {
	t.Helper()
	outcomes, err := b.client.Deliver(t.Context(), reports)
	require.NoError(t, err)
	for _, o := range outcomes {
		require.Equal(t, tracking.Stored, o.Kind, o.Detail)
	}
}

func TestWatchPositions(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	b.fleet(t)
	b.deliver(t, report("a", 1))
	client := trackingv1.NewFixServiceClient(b.conn)
	stream, err := client.WatchPositions(t.Context(), &trackingv1.WatchPositionsRequest{Vehicles: []string{"vehicles/x"}})
	require.NoError(t, err)
	first, err := stream.Recv()
	require.NoError(t, err)
	require.Len(t, first.GetPositions(), 1)
	require.Equal(t, "vehicles/x", first.GetPositions()[0].GetVehicle())
	require.Equal(t, "Truck x", first.GetPositions()[0].GetDisplayName())

	b.deliver(t, report("a", 2))
	second, err := stream.Recv()
	require.NoError(t, err)
	require.Equal(t, report("a", 2).Fix.Time, second.GetPositions()[0].GetFix().GetFixTime().AsTime())
	require.Equal(t, "Truck x", second.GetPositions()[0].GetDisplayName())

	b.hub.Close()
	_, err = stream.Recv()
	require.Equal(t, codes.Unavailable, status.Code(err))
}

// Who comes back with the token of what it heard last is told what it has missed, and
// no more.
func TestWatchResumes(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	b.fleet(t)
	for _, uid := range []string{"b", "c"} {
		_, err := b.registry.CreateDevice(t.Context(), tracking.Device{UID: uid}, "")
		require.NoError(t, err)
	}
	b.deliver(t, report("a", 1), report("b", 1))
	client := trackingv1.NewFixServiceClient(b.conn)
	// watch gives the first message of a call, and its end.
	watch := func(r *trackingv1.WatchPositionsRequest) (*trackingv1.WatchPositionsResponse, func()) {
		ctx, cancel := context.WithCancel(t.Context())
		stream, err := client.WatchPositions(ctx, r)
		require.NoError(t, err)
		first, err := stream.Recv()
		require.NoError(t, err)
		return first, cancel
	}
	first, end := watch(&trackingv1.WatchPositionsRequest{})
	end()
	require.Len(t, first.GetPositions(), 2)
	require.NotEmpty(t, first.GetResumeToken())

	b.deliver(t, report("a", 2), report("c", 1), report("a", 3))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := client.WatchPositions(ctx, &trackingv1.WatchPositionsRequest{ResumeToken: first.GetResumeToken()})
	require.NoError(t, err)
	again, err := stream.Recv()
	require.NoError(t, err)
	require.Empty(t, again.GetPositions(), "it is heard")
	missed, err := stream.Recv()
	require.NoError(t, err)
	var got []string
	for _, p := range missed.GetPositions() {
		got = append(got, p.GetDisplayName()+p.GetFix().GetFixTime().AsTime().Format("@5"))
	}
	require.ElementsMatch(t, []string{"c@1", "Truck x@3"}, got)

	for name, request := range map[string]*trackingv1.WatchPositionsRequest{
		"a token that nobody gave": {ResumeToken: "x"},
		"of another hub":           {ResumeToken: "eyJoIjoieCIsInMiOjF9"}, //nolint:gosec // no secret
		"of another filter": {
			ResumeToken: missed.GetResumeToken(), Box: &geov1.Box{West: -180, South: -90, East: 180, North: 90},
		},
	} {
		first, end := watch(request)
		end()
		require.Len(t, first.GetPositions(), 3, name)
	}
}

func TestWatchPositionsOfNobody(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	client := trackingv1.NewFixServiceClient(b.conn)
	stream, err := client.WatchPositions(t.Context(), &trackingv1.WatchPositionsRequest{})
	require.NoError(t, err)
	first, err := stream.Recv()
	require.NoError(t, err)
	require.Empty(t, first.GetPositions(), "the reader learns that there is nothing")

	for _, bad := range []*trackingv1.WatchPositionsRequest{
		{Vehicles: []string{"x"}},
		{Box: &geov1.Box{South: 10, North: -10}},
		{Box: &geov1.Box{West: 200}},
	} {
		stream, err := client.WatchPositions(t.Context(), bad)
		require.NoError(t, err)
		_, err = stream.Recv()
		require.Equal(t, codes.InvalidArgument, status.Code(err), bad)
	}
}

func TestRelay(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	b.fleet(t)
	b.deliver(t, report("a", 1))
	hub := tracking.NewHub()
	subscription := hub.Subscribe(tracking.Filter{})
	defer subscription.Close()
	background(t, func(ctx context.Context) { b.client.Relay(ctx, hub, slog.New(slog.DiscardHandler)) })
	next := func() tracking.Position {
		positions, err := subscription.Next(t.Context())
		require.NoError(t, err)
		require.Len(t, positions, 1)
		return positions[0]
	}
	require.Equal(t, report("a", 1).Fix.Time, next().Fix.Time)
	b.deliver(t, report("a", 2))
	got := next()
	require.Equal(t, report("a", 2).Fix.Time, got.Fix.Time)
	require.Equal(t, orb.Point{116, 39}, got.Fix.Position)
	require.Equal(t, "x", got.Vehicle)

	// The server goes away and comes back.
	b.server.stop()
	b.serve(t, b.server.address, peer())
	_, err := b.ingester.Deliver(t.Context(), []tracking.Report{report("a", 3)})
	require.NoError(t, err)
	require.Equal(t, report("a", 3).Fix.Time, next().Fix.Time, "what was told is not told again")
}

func TestRemoteReads(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	b.fleet(t)
	ground := tracking.Zone{Owner: "facilities/f", DisplayName: "F", Center: orb.Point{116, 39}, Radius: 100}
	drawn, err := b.client.PutOwnedZone(t.Context(), ground)
	require.NoError(t, err)
	stored, err := b.registry.Zone(t.Context(), drawn.UID)
	require.NoError(t, err)
	require.Equal(t, stored, drawn)
	away := report("a", 3)
	away.Fix.Position = orb.Point{116.002, 39}
	b.deliver(t, report("a", 1), report("a", 2), away)

	remote, err := b.client.Position(t.Context(), "x")
	require.NoError(t, err)
	local, err := b.history.Position(t.Context(), "x")
	require.NoError(t, err)
	require.Equal(t, "x", local.Vehicle)
	require.Equal(t, local.Fix.Position, remote.Fix.Position)
	local.Fix, remote.Fix = tracking.Fix{Time: local.Fix.Time}, tracking.Fix{Time: remote.Fix.Time} // NaN equals nothing
	require.Equal(t, local, remote)

	visits, err := b.client.Visits(t.Context(), "x", time.Time{}, time.Time{}, tracking.VisitPage{})
	require.NoError(t, err)
	localVisits, err := b.history.Visits(t.Context(), "x", time.Time{}, time.Time{}, tracking.VisitPage{})
	require.NoError(t, err)
	require.Equal(t, localVisits, visits)
	require.Len(t, visits, 1)
	require.Equal(t, "facilities/f", visits[0].Owner)
	require.Equal(t, away.Fix.Time, visits[0].Departed)
	n := 0
	for got, err := range b.client.Track(t.Context(), tracking.TrackQuery{Vehicle: "x"}) {
		require.NoError(t, err)
		n++
		require.Equal(t, report("a", n).Fix.Time, got.Fix.Time)
	}
	require.Equal(t, 3, n)

	_, err = b.client.Position(t.Context(), "y")
	require.ErrorIs(t, err, tracking.ErrNotFound)
	_, err = b.client.Visits(t.Context(), "y", time.Time{}, time.Time{}, tracking.VisitPage{})
	require.ErrorIs(t, err, tracking.ErrNotFound)
	removed, err := b.client.PutOwnedZone(t.Context(), tracking.Zone{Owner: "facilities/f"})
	require.NoError(t, err)
	require.Empty(t, removed.UID)
	_, err = b.client.PutOwnedZone(t.Context(), tracking.Zone{Radius: 1})
	require.ErrorIs(t, err, tracking.ErrInvalid)
}
