package gateway_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway"
	"waybill/gateway/codec"
	"waybill/gateway/postgres"
	"waybill/internal/pgtest"
	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
)

// TestHalfATextIsKeptAndReadOnReplayOnly: what is missing is shown, and a number that is cut in two is none.
func TestHalfATextIsKeptAndReadOnReplayOnly(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	registry, store := trackingpg.NewRegistry(pool, "CN"), postgres.New(pool, postgres.Bounds{})
	_, err := registry.CreateDevice(t.Context(), tracking.Device{UID: "truck-1", Phone: "+8613800138000", Zone: time.UTC}, "")
	require.NoError(t, err)
	var delivered []tracking.Report
	sink := sinkFunc(func(reports []tracking.Report) ([]tracking.Outcome, error) {
		delivered = append(delivered, reports...)
		return all(tracking.Stored)(reports)
	})
	intake, _ := newIntake(sink, store, gateway.Settings{})
	texts := &gateway.Texts{Intake: intake, Directory: registry, Formats: codec.Texts{{Name: "clock", Decode: clock}}}
	replayer := &gateway.Replayer{Intake: intake, Archive: store, Roads: map[string]gateway.Road{gateway.RoadSMS: texts}}

	// "at 2026-04-05 14:00" is a report; a cut within its time must not make it one of another time.
	for _, c := range []struct {
		total  int
		pieces []gateway.Piece
		want   string
		parts  string
		times  []string
	}{
		{
			3,
			[]gateway.Piece{{First: 1, Last: 1, Text: "at 2026-04-05 14:00"}, {First: 3, Last: 3, Text: "0 at 2026-04-05 15:00"}},
			"at 2026-04-05 14:00\n[part 2 of 3 is missing]\n0 at 2026-04-05 15:00", "1, 3 of 3 parts",
			[]string{"15:00"},
		},
		{
			3,
			[]gateway.Piece{{First: 2, Last: 2, Text: "6 at 2026-04-05 14:0"}},
			"\n[part 1 of 3 is missing]\n6 at 2026-04-05 14:0\n[part 3 of 3 is missing]\n", "2 of 3 parts", nil,
		},
		{
			4,
			[]gateway.Piece{{First: 1, Last: 2, Text: "at 2026-04-05 14:00 at"}, {First: 4, Last: 4, Text: "0 at 2026-04-05 15:00"}},
			"at 2026-04-05 14:00 at\n[part 3 of 4 is missing]\n0 at 2026-04-05 15:00", "1-2, 4 of 4 parts",
			[]string{"14:00", "15:00"},
		},
	} {
		delivered = nil
		text := gateway.Text{ID: c.want, Sender: "13800138000"}
		require.NoError(t, texts.HandleIncomplete(t.Context(), text, c.total, c.pieces))
		require.NoError(t, texts.HandleIncomplete(t.Context(), text, c.total, c.pieces))
		require.Empty(t, delivered)
		inputs, err := store.List(t.Context(), "truck-1", gateway.ReasonIncomplete, postgres.Position{}, 1)
		require.NoError(t, err)
		require.Len(t, inputs, 1)
		require.Equal(t, c.want, string(inputs[0].Payload))
		require.Equal(t, c.parts, inputs[0].Topic)
		require.EqualValues(t, 1, inputs[0].Count)
		require.Contains(t, inputs[0].Detail, "have come")

		tally, kept, err := replayer.Replay(t.Context(), inputs[0].ID)
		require.NoError(t, err)
		var times []string
		for _, r := range delivered {
			times = append(times, r.Fix.Time.Format("15:04"))
		}
		require.Equal(t, c.times, times)
		require.Equal(t, len(c.times), tally.Stored)
		require.Equal(t, len(c.times) == 0, kept.ReplayTime.IsZero())
		require.Equal(t, gateway.ReasonIncomplete, kept.Reason)
	}

	require.NoError(t, texts.HandleIncomplete(t.Context(), gateway.Text{ID: "x", Sender: "Operator"}, 2, []gateway.Piece{{First: 2, Last: 2, Text: "bill"}}))
	inputs, err := store.List(t.Context(), "", gateway.ReasonIncomplete, postgres.Position{}, 1)
	require.NoError(t, err)
	require.Equal(t, "Operator", inputs[0].Sender)
	require.Empty(t, inputs[0].Device)

	texts.Directory = absent{}
	require.ErrorIs(t, texts.HandleIncomplete(t.Context(), gateway.Text{ID: "y", Sender: "Operator"}, 2, nil), tracking.ErrUnavailable)
}
