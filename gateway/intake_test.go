package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"waybill/gateway"
	"waybill/gateway/codec"
	"waybill/gateway/postgres"
	"waybill/internal/pgtest"
	"waybill/tracking"
)

// sinkFunc answers each delivery.
type sinkFunc func([]tracking.Report) ([]tracking.Outcome, error)

func (f sinkFunc) Deliver(_ context.Context, reports []tracking.Report) ([]tracking.Outcome, error) {
	return f(reports)
}

// all says the same of every report.
func all(kind tracking.OutcomeKind) sinkFunc {
	return func(reports []tracking.Report) ([]tracking.Outcome, error) {
		outcomes := make([]tracking.Outcome, len(reports))
		for i := range outcomes {
			outcomes[i] = tracking.Outcome{Kind: kind, Reason: tracking.ReasonConflict, Detail: "x"}
		}
		return outcomes, nil
	}
}

// reading is a road that has read this.
type reading struct {
	gateway.Reading
	err error
}

func (r reading) Read(context.Context, *gateway.Message) (gateway.Reading, error) {
	return r.Reading, r.err
}

func oneFix() reading {
	fix := tracking.NewFix(time.Unix(1000, 0), orb.Point{1, 2})
	return reading{Reading: gateway.Reading{Device: "d", Format: "f", Parts: codec.Parts([]tracking.Fix{fix})}}
}

func message(sender string) *gateway.Message {
	return &gateway.Message{Road: "test", Sender: sender, Topic: "t", Payload: []byte("payload"), Received: time.Unix(2000, 0).UTC()}
}

// shelf is a keeper that remembers, or fails.
type shelf struct {
	mu   sync.Mutex
	kept []gateway.RejectedInput // guarded by mu
	err  error
}

func (s *shelf) Keep(_ context.Context, inputs []gateway.RejectedInput) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, inputs...)
	return 0, nil
}

func newIntake(sink gateway.Sink, keeper gateway.Keeper, s gateway.Settings) (*gateway.Intake, *prometheus.Registry) {
	registry := prometheus.NewRegistry()
	return gateway.NewIntake(sink, keeper, s, slog.New(slog.DiscardHandler), registry), registry
}

func TestAcceptedWhenDurable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		sink sinkFunc
		kept int
	}{
		{"stored", all(tracking.Stored), 0},
		{"duplicate", all(tracking.Duplicate), 0},
		{"conflict", all(tracking.Conflict), 1},
		{"rejected", all(tracking.Rejected), 1},
	} {
		s := &shelf{}
		intake, _ := newIntake(c.sink, s, gateway.Settings{})
		require.NoError(t, intake.Accept(t.Context(), oneFix(), message("a")), c.name)
		require.Len(t, s.kept, c.kept, c.name)
	}
}

func TestNotAcceptedWhenUndecided(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, sink := range map[string]sinkFunc{
		"retry":            all(tracking.Retry),
		"unknown outcome":  all(tracking.OutcomeKind(99)),
		"too few outcomes": func([]tracking.Report) ([]tracking.Outcome, error) { return nil, nil },
	} {
		s := &shelf{}
		intake, _ := newIntake(sink, s, gateway.Settings{})
		require.ErrorIs(t, intake.Accept(t.Context(), oneFix(), message("a")), tracking.ErrUnavailable, name)
		require.Empty(t, s.kept, name)
		require.True(t, intake.Down(), name)
	}
	intake, _ := newIntake(sinkFunc(func([]tracking.Report) ([]tracking.Outcome, error) { return nil, broken }), &shelf{}, gateway.Settings{})
	require.ErrorIs(t, intake.Accept(t.Context(), oneFix(), message("a")), broken)
	require.ErrorIs(t, intake.Accept(t.Context(), reading{err: broken}, message("a")), broken, "a directory that is away rejects nobody")

	intake, _ = newIntake(all(tracking.Rejected), &shelf{err: tracking.ErrUnavailable}, gateway.Settings{})
	require.ErrorIs(t, intake.Accept(t.Context(), oneFix(), message("a")), tracking.ErrUnavailable, "what can't be kept is not acknowledged")
}

func TestASourceThatGoesAwayIsNoOutage(t *testing.T) {
	t.Parallel()
	intake, _ := newIntake(sinkFunc(func([]tracking.Report) ([]tracking.Outcome, error) { return nil, context.Canceled }), &shelf{}, gateway.Settings{})
	require.Error(t, intake.Accept(t.Context(), oneFix(), message("a")))
	require.False(t, intake.Down())
}

func TestWhatIsNoReportIsAcceptedAndCounted(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	intake, registry := newIntake(nil, s, gateway.Settings{})
	require.NoError(t, intake.Accept(t.Context(), reading{Reading: gateway.Reading{Device: "d"}}, message("a")))
	require.Empty(t, s.kept)
	expected := `# HELP waybill_gateway_messages_without_report_total Messages that were understood and are no report.
# TYPE waybill_gateway_messages_without_report_total counter
waybill_gateway_messages_without_report_total{road="test"} 1
`
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(expected), "waybill_gateway_messages_without_report_total"))
}

func TestWhyIsKept(t *testing.T) {
	t.Parallel()
	for want, err := range map[tracking.Reason]error{
		"time":                       &codec.Error{Reason: codec.ReasonTime, Detail: "found"},
		tracking.ReasonPosition:      &codec.Error{Reason: codec.ReasonPosition, Detail: "found"},
		gateway.ReasonUnknownFormat:  codec.ErrNotMine,
		gateway.ReasonNoFix:          codec.ErrNoFix,
		gateway.ReasonForeignTopic:   &gateway.Rejection{Reason: gateway.ReasonForeignTopic, Detail: "found"},
		tracking.ReasonUnknownDevice: fmt.Errorf("wrapped: %w", &gateway.Rejection{Reason: tracking.ReasonUnknownDevice}),
	} {
		s := &shelf{}
		intake, _ := newIntake(nil, s, gateway.Settings{})
		require.NoError(t, intake.Accept(t.Context(), reading{Reading: gateway.Reading{Device: "d", Format: "f"}, err: err}, message("a")))
		require.Len(t, s.kept, 1)
		require.Equal(t, want, s.kept[0].Reason)
		require.NotEmpty(t, s.kept[0].Detail)
		require.Equal(t, "test/f", s.kept[0].Source)
		require.Equal(t, "test", s.kept[0].Road())
		require.True(t, s.kept[0].Whole())
	}
}

func TestManyBadPartsAreKeptAsOne(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	intake, _ := newIntake(all(tracking.Stored), s, gateway.Settings{})
	r := oneFix()
	for range 1000 {
		r.Parts = append(r.Parts, codec.Part{Raw: []byte("1"), Err: &codec.Error{Reason: codec.ReasonSyntax, Detail: "no object"}})
	}
	require.NoError(t, intake.Accept(t.Context(), r, message("a")))
	require.Len(t, s.kept, 1)
	require.Equal(t, "payload", string(s.kept[0].Payload), "the whole message")
	require.Contains(t, s.kept[0].Detail, "1000 of 1001 reports in the message; number 2: no object")
}

func TestAnythingFromOutsideCanBeKept(t *testing.T) {
	t.Parallel()
	store := postgres.New(pgtest.New(t), postgres.Bounds{})
	intake, _ := newIntake(nil, store, gateway.Settings{})
	m := message("a\x00\xff" + strings.Repeat("世", 1000))
	m.Topic = strings.Repeat("\xf0\x00", 40_000)
	m.Payload = make([]byte, gateway.MaxKept+1)
	why := &gateway.Rejection{Reason: gateway.ReasonUnknownTopic, Detail: strings.Repeat("\x00", 10_000)}
	require.NoError(t, intake.Reject(t.Context(), m, "d\x00", why))
	inputs, err := store.List(t.Context(), "", "", postgres.Position{}, 10)
	require.NoError(t, err)
	require.Len(t, inputs, 1)
	require.Len(t, inputs[0].Payload, gateway.MaxKept)
	require.EqualValues(t, gateway.MaxKept+1, inputs[0].Size)
	require.False(t, inputs[0].Whole())
}

func TestFloodIsSlowedAlone(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	intake, registry := newIntake(nil, s, gateway.Settings{RejectBurst: 2, RejectRate: 0.001, LongestHold: time.Hour})
	loud, quiet := message("loud"), message("quiet")
	loud.Alone, quiet.Alone = true, true
	bad := reading{err: codec.ErrNotMine}
	for range 2 {
		require.NoError(t, intake.Accept(t.Context(), bad, loud))
	}
	held := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { held <- intake.Accept(ctx, bad, loud) }()
	require.NoError(t, intake.Accept(t.Context(), bad, quiet), "somebody else is not slowed")
	require.Empty(t, held, "it should be held back for a quarter of an hour")
	cancel()
	require.NoError(t, <-held, "it was kept before it was held back")

	// On a shared road nobody may be made to wait: what is too much is dropped and counted.
	shared := message("shared")
	for range 5 {
		require.NoError(t, intake.Accept(t.Context(), bad, shared))
	}
	expected := `# HELP waybill_gateway_rejected_dropped_total Rejected reports that are not kept any more, by cause: bound (the oldest went), flood (never written).
# TYPE waybill_gateway_rejected_dropped_total counter
waybill_gateway_rejected_dropped_total{cause="bound"} 0
waybill_gateway_rejected_dropped_total{cause="flood"} 3
`
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(expected), "waybill_gateway_rejected_dropped_total"))
}

// What a SIM or a broker has gathered for a device that nobody knew yet is kept, as far as there is room for it.
func TestBacklogOfOneOriginIsKept(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	intake, _ := newIntake(nil, s, gateway.Settings{})
	for range 200 {
		require.NoError(t, intake.Accept(t.Context(), reading{err: codec.ErrNotMine}, message("unknown")))
	}
	require.Len(t, s.kept, 200)
}

func TestOriginsAreBounded(t *testing.T) {
	t.Parallel()
	intake, _ := newIntake(nil, &shelf{}, gateway.Settings{Origins: 10, RejectBurst: 1})
	for i := range 100 { // each is new, so none is held
		m := message(fmt.Sprint(i))
		m.Alone = true
		require.NoError(t, intake.Accept(t.Context(), reading{err: codec.ErrNotMine}, m))
	}
}
