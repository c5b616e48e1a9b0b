package gateway_test

import (
	"context"
	"errors"
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

// asked is what commands wait for: the texts that are named.
type asked struct {
	wanted map[string]bool
	err    error
	got    []gateway.Answer
}

func (a *asked) Answer(_ context.Context, answer gateway.Answer) (bool, error) {
	a.got = append(a.got, answer)
	return a.wanted[answer.Body], a.err
}

func TestWhatAnswersACommandIsNoRejectedInput(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	registry, store := trackingpg.NewRegistry(pool, "CN"), postgres.New(pool, postgres.Bounds{})
	_, err := registry.CreateDevice(t.Context(), tracking.Device{UID: "truck-1", Phone: "+8613800138000"}, "")
	require.NoError(t, err)
	delivered := 0
	intake, _ := newIntake(sinkFunc(func(reports []tracking.Report) ([]tracking.Outcome, error) {
		delivered += len(reports)
		return all(tracking.Stored)(reports)
	}), store, gateway.Settings{})
	commands := &asked{wanted: map[string]bool{"at 2026-04-05 14:00": true, "reset OK": true, "help me!": true}}
	texts := &gateway.Texts{Intake: intake, Directory: registry, Formats: codec.Texts{{Name: "clock", Decode: clock}}, Answers: commands}
	send := func(from, body string) error {
		return texts.HandleText(t.Context(), gateway.Text{ID: body, Sender: from, Time: time.Unix(0, 0), Body: []byte(body)})
	}
	rejected := func() int {
		inputs, err := store.List(t.Context(), "", "", postgres.Position{}, 10)
		require.NoError(t, err)
		return len(inputs)
	}

	require.NoError(t, send("+8613800138000", "at 2026-04-05 14:00"))
	require.Equal(t, 1, delivered, "an answer that is a position is a report, too")
	require.NoError(t, send("+8613800138000", "reset OK"))
	require.NoError(t, send("+8613800138000", "help me!"))
	require.Zero(t, rejected())
	require.NoError(t, send("+8613800138000", "bonjour"))
	require.Equal(t, 1, rejected())
	require.NoError(t, send("+33612345678", "reset OK"))
	require.Equal(t, 2, rejected(), "nobody's answer")
	var positions []bool
	for _, a := range commands.got {
		require.Equal(t, "truck-1", a.Device)
		positions = append(positions, a.Position)
	}
	require.Equal(t, []bool{true, false, true, false}, positions)

	commands.err = errors.New("the database is away")
	require.Error(t, send("+8613800138000", "bonjour"), "nothing was decided")
	require.Equal(t, 2, rejected())
}
