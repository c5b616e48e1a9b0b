package rpc_test

import (
	"context"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/internal/access"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

func report(device string, second int) tracking.Report {
	at := time.Date(2026, 3, 1, 8, 0, second, 0, time.UTC)
	return tracking.Report{Device: device, Received: at, Source: "test", Fix: tracking.NewFix(at, orb.Point{116, 39})}
}

// stuckSink tells when it was called and answers when it may.
type stuckSink struct {
	called chan int
	free   chan struct{}
}

func (s *stuckSink) Deliver(ctx context.Context, reports []tracking.Report) ([]tracking.Outcome, error) {
	s.called <- len(reports)
	select {
	case <-s.free:
		outcomes := make([]tracking.Outcome, len(reports))
		for i := range outcomes {
			outcomes[i].Kind = tracking.Stored
		}
		return outcomes, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestBrokenStreamLeavesTheRestUndecided(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	sink := &stuckSink{called: make(chan int, 10), free: make(chan struct{})}
	server := serveSink(t, b, sink, "127.0.0.1:0", peer())
	client := newClient(dial(t, server.address))
	defer client.Close()

	type answer struct {
		outcomes []tracking.Outcome
		err      error
	}
	answers := make(chan answer, 1)
	go func() {
		outcomes, err := client.Deliver(context.WithoutCancel(t.Context()), []tracking.Report{report("a", 1), report("a", 2)})
		answers <- answer{outcomes, err}
	}()
	<-sink.called
	server.stop()
	got := <-answers
	require.NoError(t, got.err)
	require.Len(t, got.outcomes, 2)
	for _, o := range got.outcomes {
		require.Equal(t, tracking.Retry, o.Kind)
	}

	// Somebody serves again at the same address: the client finds it by itself.
	close(sink.free)
	serveSink(t, b, sink, server.address, peer())
	require.Eventually(t, func() bool {
		outcomes, err := client.Deliver(t.Context(), []tracking.Report{report("a", 1)})
		return err == nil && outcomes[0].Kind == tracking.Stored
	}, 30*time.Second, 50*time.Millisecond)
}

func TestDeliverEndsWithItsContext(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	sink := &stuckSink{called: make(chan int, 10), free: make(chan struct{})}
	server := serveSink(t, b, sink, "127.0.0.1:0", peer())
	client := newClient(dial(t, server.address))
	defer client.Close()
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := client.Deliver(ctx, []tracking.Report{report("a", 1)})
		failed <- err
	}()
	<-sink.called
	cancel()
	require.ErrorIs(t, <-failed, context.Canceled)
	close(sink.free)

	client.Close()
	_, err := client.Deliver(t.Context(), []tracking.Report{report("a", 1)})
	require.ErrorIs(t, err, tracking.ErrClosed)
}

type awaySink struct{}

func (awaySink) Deliver(_ context.Context, reports []tracking.Report) ([]tracking.Outcome, error) {
	outcomes := make([]tracking.Outcome, len(reports))
	outcomes[0].Kind = tracking.Stored
	return outcomes, tracking.ErrUnavailable
}

func TestWhatIsDecidedBesideAnErrorHolds(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	server := serveSink(t, b, awaySink{}, "127.0.0.1:0", peer())
	client := newClient(dial(t, server.address))
	defer client.Close()
	outcomes, err := client.Deliver(t.Context(), []tracking.Report{report("a", 1)})
	require.NoError(t, err)
	require.Equal(t, tracking.Stored, outcomes[0].Kind)
}

func TestNobodyServes(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	b.server.stop()
	outcomes, err := b.client.Deliver(t.Context(), []tracking.Report{report("a", 1)})
	if err != nil {
		require.True(t, tracking.IsRetryable(err), err)
	} else {
		require.Equal(t, tracking.Retry, outcomes[0].Kind)
	}
	_, err = b.client.ByUID(t.Context(), "a")
	require.True(t, tracking.IsRetryable(err), err)
	require.NotErrorIs(t, err, tracking.ErrNotFound)
}

func TestDevicesReportForThemselvesAlone(t *testing.T) {
	t.Parallel()
	b := newBed(t, access.Caller{Role: access.Device, Device: "devices/a"})
	for _, uid := range []string{"a", "b"} {
		_, err := b.registry.CreateDevice(t.Context(), tracking.Device{UID: uid}, "")
		require.NoError(t, err)
	}
	outcomes, err := b.client.Deliver(t.Context(), []tracking.Report{report("b", 1), report("a", 1)})
	require.NoError(t, err)
	require.Equal(t, tracking.Rejected, outcomes[0].Kind)
	require.Equal(t, tracking.Reason("not_your_device"), outcomes[0].Reason)
	require.Equal(t, tracking.Stored, outcomes[1].Kind)
	stored, err := b.history.FixPage(t.Context(), tracking.FixQuery{Device: "a", Size: 10})
	require.NoError(t, err)
	require.Equal(t, "grpc", stored[0].Source, "what a device says of the road is not believed")
	_, err = b.registry.UpdateDevice(t.Context(), tracking.Device{UID: "a", Disabled: true}, tracking.DeviceMask{Disabled: true})
	require.NoError(t, err)
	outcomes, err = b.client.Deliver(t.Context(), []tracking.Report{report("b", 2), report("a", 2), report("a", 3)})
	require.NoError(t, err)
	require.Equal(t, tracking.Reason("not_your_device"), outcomes[0].Reason)
	for _, outcome := range outcomes[1:] {
		require.Equal(t, tracking.Reason("device_disabled"), outcome.Reason)
	}
}

func TestIncompleteReportsAreRejectedAlone(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	_, err := b.registry.CreateDevice(t.Context(), tracking.Device{UID: "a"}, "")
	require.NoError(t, err)
	stream, err := trackingv1.NewFixServiceClient(b.conn).IngestFixes(t.Context())
	require.NoError(t, err)
	for sequence, request := range []*trackingv1.IngestFixesRequest{
		{},
		{Device: "devices/a"},
		{Device: "devices/a", Fix: &trackingv1.Fix{FixTime: nil}},
		{Device: "a", Fix: &trackingv1.Fix{}},
	} {
		request.Sequence = uint64(sequence)
		require.NoError(t, stream.Send(request))
		answer, err := stream.Recv()
		require.NoError(t, err)
		require.Equal(t, request.GetSequence(), answer.GetSequence())
		require.Equal(t, trackingv1.FixOutcome_FIX_OUTCOME_REJECTED, answer.GetOutcome())
		require.NotEmpty(t, answer.GetReason())
	}
	require.NoError(t, stream.CloseSend())
	_, err = stream.Recv()
	require.Error(t, err) // io.EOF: the server is done as well
}
