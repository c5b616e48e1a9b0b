package postbox_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/emulator/fault"
	"waybill/gateway/modem/emulator/postbox"
)

// sim remembers what it was given, and refuses empty texts.
type sim struct{ got chan postbox.Text }

func (s sim) Inject(from, text string, at time.Time) error {
	if text == "" {
		return errors.New("an empty text")
	}
	s.got <- postbox.Text{From: from, Text: text, Time: at}
	return nil
}

func (s sim) Break(f fault.Fault) error {
	s.got <- postbox.Text{Text: f.String()}
	return nil
}

func (sim) State() emulator.State { return emulator.State{Waiting: 3} }

func TestPostbox(t *testing.T) {
	t.Parallel()
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	modem := filepath.Join(t.TempDir(), "modem")
	ctx, stop := context.WithCancel(t.Context())
	s := sim{got: make(chan postbox.Text, 1)}
	served := make(chan error, 1)
	box, err := postbox.Open(ctx, modem, s)
	require.NoError(t, err)
	go func() { served <- box.Serve(ctx) }()

	text := postbox.Text{From: "+8613800138000", Text: "$GPRMC,…", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	require.NoError(t, postbox.Send(t.Context(), modem, text))
	require.Equal(t, text, <-s.got)
	require.ErrorContains(t, postbox.Send(t.Context(), modem, postbox.Text{From: "1"}), "an empty text")
	require.ErrorContains(t, postbox.Send(t.Context(), modem+"x", text), "waybill modem emulate")
	require.NoError(t, postbox.Break(t.Context(), modem, fault.Fault{Kind: fault.Hang, For: time.Second}))
	require.Equal(t, "hang,for=1s", (<-s.got).Text)
	require.ErrorContains(t, postbox.Break(t.Context(), modem, fault.Fault{Kind: "fire"}), "there is no fault")
	state, err := postbox.State(t.Context(), modem)
	require.NoError(t, err)
	require.Equal(t, 3, state.Waiting)
	stop()
	require.NoError(t, <-served)
}
