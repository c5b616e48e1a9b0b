package rpc_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"waybill/gateway/modem"
	"waybill/gateway/modem/emulator"
	"waybill/gateway/rpc"
	"waybill/internal/access"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

// takeAll is a handler that takes every text.
type takeAll struct{}

func (takeAll) HandleText(context.Context, modem.Text) error { return nil }

// modemsOn runs a pool on an emulated modem and an absent one.
func modemsOn(t *testing.T) (*modem.Pool, *emulator.Emulator) {
	t.Helper()
	folder := t.TempDir()
	sim := emulator.New(emulator.Config{Link: filepath.Join(folder, "usb-A"), PIN: "4711", Number: "+8613900000001"})
	_, err := sim.Start()
	require.NoError(t, err)
	pool, err := modem.NewPool(modem.PoolConfig{
		Paths: []string{filepath.Join(folder, "usb-A"), filepath.Join(folder, "usb-B")},
		Modem: modem.Config{Handler: takeAll{}, PIN: "4711", PollInterval: 20 * time.Millisecond, RetryMin: 20 * time.Millisecond},
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- pool.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
		require.NoError(t, sim.Close())
	})
	return pool, sim
}

func TestListModems(t *testing.T) {
	t.Parallel()
	pool, _ := modemsOn(t)
	server := rpc.NewModemServer(pool, slog.New(slog.DiscardHandler))
	var all []*gatewayv1.Modem
	require.Eventually(t, func() bool {
		resp, err := server.ListModems(t.Context(), &gatewayv1.ListModemsRequest{})
		require.NoError(t, err)
		all = resp.GetModems()
		return len(all) == 2 && all[0].GetState() == gatewayv1.ModemState_MODEM_STATE_READY && len(all[0].GetMemories()) == 2 &&
			all[1].GetState() == gatewayv1.ModemState_MODEM_STATE_UNPLUGGED
	}, time.Minute, 5*time.Millisecond)
	m := all[0]
	require.Equal(t, "modems/usb-A", m.GetName())
	require.Equal(t, "+8613900000001", m.GetNumber())
	require.Equal(t, "home", m.GetRegistration())
	require.Equal(t, int32(-73), m.GetSignalDbm())
	require.Nil(t, m.TemperatureCelsius)
	require.Equal(t, int32(120), m.GetCapacity())
	page, err := server.ListModems(t.Context(), &gatewayv1.ListModemsRequest{PageSize: 1})
	require.NoError(t, err)
	page, err = server.ListModems(t.Context(), &gatewayv1.ListModemsRequest{PageSize: 1, PageToken: page.GetNextPageToken()})
	require.NoError(t, err)
	require.Equal(t, "modems/usb-B", page.GetModems()[0].GetName())
	require.Empty(t, page.GetNextPageToken())
}

// watcher takes a trace.
type watcher struct {
	ctx   context.Context //nolint:containedctx // a stream has one
	lines chan *gatewayv1.TraceModemResponse
}

func (w *watcher) Context() context.Context     { return w.ctx }
func (w *watcher) SendHeader(metadata.MD) error { return nil }
func (w *watcher) SetHeader(metadata.MD) error  { return nil }
func (w *watcher) SetTrailer(metadata.MD)       {}
func (w *watcher) SendMsg(any) error            { return errors.ErrUnsupported }
func (w *watcher) RecvMsg(any) error            { return errors.ErrUnsupported }
func (w *watcher) Send(l *gatewayv1.TraceModemResponse) error {
	select {
	case w.lines <- l:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

// trace watches until a line has the text, with what the role may see.
func trace(t *testing.T, server *rpc.ModemServer, role access.Role, do func(), until string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(access.WithCaller(t.Context(), access.Caller{Role: role}))
	w := &watcher{ctx: ctx, lines: make(chan *gatewayv1.TraceModemResponse)}
	done := make(chan error, 1)
	go func() { done <- server.TraceModem(&gatewayv1.TraceModemRequest{Name: "modems/usb-A"}, w) }()
	var seen strings.Builder
	first := <-w.lines // It runs.
	seen.WriteString(first.GetText() + "\n")
	do()
	for line := range w.lines {
		seen.WriteString(line.GetText() + "\n")
		require.NotEqual(t, gatewayv1.Direction_DIRECTION_UNSPECIFIED, line.GetDirection())
		if strings.Contains(line.GetText(), until) {
			break
		}
	}
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	return seen.String()
}

func TestTraceModem(t *testing.T) {
	t.Parallel()
	pool, sim := modemsOn(t)
	server := rpc.NewModemServer(pool, slog.New(slog.DiscardHandler))
	text := func() { require.NoError(t, sim.Inject("+8613800138000", "secret place", time.Now())) }

	seen := trace(t, server, access.Admin, text, "AT+CMGD=")
	require.Contains(t, seen, "683108100005F0", "the number, as a PDU has it")
	seen = trace(t, server, access.Dispatcher, text, "AT+CMGD=")
	require.NotContains(t, seen, "683108100005F0")
	require.Contains(t, seen, " octets>")

	restart := func() { sim.Say("\r\nRDY\r\n") }
	seen = trace(t, server, access.Admin, restart, "AT+CNMI=?")
	require.NotContains(t, seen, "4711")

	err := server.TraceModem(&gatewayv1.TraceModemRequest{Name: "modems/none"}, &watcher{ctx: t.Context()})
	require.Equal(t, codes.NotFound, status.Code(err))
	err = server.TraceModem(&gatewayv1.TraceModemRequest{Name: "none"}, &watcher{ctx: t.Context()})
	require.Equal(t, codes.InvalidArgument, status.Code(err))

	ended := make(chan error, 1)
	w := &watcher{ctx: t.Context(), lines: make(chan *gatewayv1.TraceModemResponse, 10_000)}
	go func() { ended <- server.TraceModem(&gatewayv1.TraceModemRequest{Name: "modems/usb-A"}, w) }()
	<-w.lines
	server.Close()
	require.NoError(t, <-ended, "a server that stops ends its traces")
}
