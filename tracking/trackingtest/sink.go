package trackingtest

import (
	"context"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
)

// Sink takes reports and answers each.
type Sink interface {
	Deliver(ctx context.Context, reports []tracking.Report) ([]tracking.Outcome, error)
}

// RunSink proves that the sink decides as it has to, and that what it stored comes
// back out of the history as it went in. The registry has to be empty.
func RunSink(t *testing.T, registry tracking.Devices, sink Sink, history tracking.History) {
	t.Helper()
	for _, uid := range []string{"one", "two"} {
		_, err := registry.CreateDevice(t.Context(), tracking.Device{UID: uid}, "")
		require.NoError(t, err)
	}
	s := sinkTest{sink, history}
	// One after the other: they share devices.
	t.Run("decides each in its order", s.decides)
	t.Run("keeps what a fix says", s.keeps)
	t.Run("takes many callers at once", s.takesConcurrent)
	t.Run("takes large batches", s.takesLarge)
	t.Run("ends with the caller's context", s.endsEarly)
}

type sinkTest struct {
	sink    Sink
	history tracking.History
}

func (s sinkTest) decides(t *testing.T) {
	good := reportOf("one", start(), inside())
	other := reportOf("one", start(), outside())
	off := reportOf("one", start().Add(time.Hour), orb.Point{10, 91})
	stranger := reportOf("three", start(), inside())
	future := reportOf("one", start().Add(24*time.Hour), inside())
	future.Received = start()
	broken := reportOf("one", start().Add(2*time.Hour), inside())
	broken.Fix.Attributes = map[string]any{"text": "a\xff"}
	badName := reportOf("One\x00\xff", start(), inside())
	want := []struct {
		report tracking.Report
		kind   tracking.OutcomeKind
		reason tracking.Reason
	}{
		{good, tracking.Duplicate, ""},
		{off, tracking.Rejected, tracking.ReasonPosition},
		{other, tracking.Conflict, tracking.ReasonConflict},
		{stranger, tracking.Rejected, tracking.ReasonUnknownDevice},
		{future, tracking.Rejected, tracking.ReasonFuture},
		{broken, tracking.Rejected, tracking.ReasonValue},
		{badName, tracking.Rejected, tracking.ReasonUnknownDevice},
		{reportOf("two", start(), inside()), tracking.Stored, ""},
	}
	outcomes, err := s.sink.Deliver(t.Context(), []tracking.Report{good})
	require.NoError(t, err)
	require.Equal(t, []tracking.Outcome{{Kind: tracking.Stored}}, outcomes)

	reports := make([]tracking.Report, 0, len(want))
	for _, w := range want {
		reports = append(reports, w.report)
	}
	outcomes, err = s.sink.Deliver(t.Context(), reports)
	require.NoError(t, err)
	require.Len(t, outcomes, len(want))
	for i, w := range want {
		require.Equal(t, w.kind, outcomes[i].Kind, "report %d: %+v", i, outcomes[i])
		require.Equal(t, w.reason, outcomes[i].Reason, "report %d", i)
		if w.reason != "" {
			require.NotEmpty(t, outcomes[i].Detail, "report %d", i)
		}
	}
	outcomes, err = s.sink.Deliver(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, outcomes)
}

func (s sinkTest) keeps(t *testing.T) {
	full := reportOf("one", start().Add(3*time.Hour+time.Microsecond), orb.Point{116.39701234567891, -39.908012345678912})
	full.Source = "mqtt/owntracks"
	full.Fix.Altitude, full.Fix.Speed, full.Fix.Course, full.Fix.Accuracy, full.Fix.Satellites = 43.5, 12.25, 359.5, 4, 9
	full.Fix.Attributes = map[string]any{"battery": 0.5, "ignition": true, "text": "你好", "list": []any{1.0, "b"}}
	bare := reportOf("one", start().Add(4*time.Hour), inside())
	outcomes, err := s.sink.Deliver(t.Context(), []tracking.Report{full, bare})
	require.NoError(t, err)
	require.Equal(t, []tracking.Outcome{{Kind: tracking.Stored}, {Kind: tracking.Stored}}, outcomes)

	stored, err := s.history.FixPage(t.Context(), tracking.FixQuery{Device: "one", From: start().Add(3 * time.Hour), Size: 10})
	require.NoError(t, err)
	require.Len(t, stored, 2)
	require.Equal(t, full, stored[0])
	unknown := stored[1].Fix
	for _, value := range []float64{unknown.Altitude, unknown.Speed, unknown.Course, unknown.Accuracy} {
		require.True(t, math.IsNaN(value))
	}
	require.Equal(t, -1, unknown.Satellites)
	require.Empty(t, unknown.Attributes)
}

func (s sinkTest) takesConcurrent(t *testing.T) {
	const callers, each = 16, 5
	var group sync.WaitGroup
	for caller := range callers {
		group.Go(func() {
			for i := range each {
				// Each device's reports of one caller are its own.
				at := start().Add(10*time.Hour + time.Duration(caller*each+i)*time.Second)
				outcomes, err := s.sink.Deliver(t.Context(), []tracking.Report{reportOf("one", at, inside()), reportOf("none", at, inside())})
				if assert.NoError(t, err) {
					assert.Equal(t, tracking.Stored, outcomes[0].Kind, outcomes[0].Detail)
					assert.Equal(t, tracking.Rejected, outcomes[1].Kind)
				}
			}
		})
	}
	group.Wait()
}

func (s sinkTest) takesLarge(t *testing.T) {
	const size = 7_000 // more than any queue on the way
	reports := make([]tracking.Report, size)
	for i := range reports {
		reports[i] = reportOf("two", start().Add(time.Hour+time.Duration(i)*time.Second), inside())
	}
	outcomes, err := s.sink.Deliver(t.Context(), reports)
	require.NoError(t, err)
	require.Len(t, outcomes, size)
	for i, o := range outcomes {
		require.Equal(t, tracking.Stored, o.Kind, "report %d: %+v", i, o)
	}
}

func (s sinkTest) endsEarly(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	outcomes, err := s.sink.Deliver(ctx, []tracking.Report{reportOf("one", start().Add(20*time.Hour), inside())})
	if err != nil {
		require.ErrorIs(t, err, context.Canceled)
		return
	}
	require.Len(t, outcomes, 1, "it was decided before it was noticed")
}
