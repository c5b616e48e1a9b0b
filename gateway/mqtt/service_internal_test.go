package mqtt

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"waybill/gateway"
	"waybill/tracking"
)

// everything takes and keeps all there is.
type everything struct{}

func (everything) Deliver(_ context.Context, reports []tracking.Report) ([]tracking.Outcome, error) {
	outcomes := make([]tracking.Outcome, len(reports))
	for i := range outcomes {
		outcomes[i].Kind = tracking.Stored
	}
	return outcomes, nil
}

func (everything) Keep(context.Context, []gateway.RejectedInput) (int, error) { return 0, nil }

// sinkConn takes what is written.
type sinkConn struct {
	bytesConn
	written *bytes.Buffer
}

func (c sinkConn) Write(p []byte) (int, error) { return c.written.Write(p) }

// FuzzService has a device that said its password send anything: it is answered or
// hung up on, and nothing else.
func FuzzService(f *testing.F) {
	for _, version := range []byte{3, 4, 5} {
		f.Add(version, []byte{0x32, 9, 0, 3, 'a', '/', 'b', 0, 1, 0, '{'})
		f.Add(version, []byte{0x82, 7, 0, 1, 0, 0, 1, 'a', 0, 0xa2, 6, 0, 1, 0, 0, 1, 'a'})
		f.Add(version, []byte{0x62, 2, 0, 1, 0xc0, 0, 0x40, 2, 0, 1, 0xe0, 0})
	}
	f.Fuzz(func(t *testing.T, version byte, sent []byte) {
		registry := prometheus.NewRegistry()
		log := slog.New(slog.DiscardHandler)
		intake := gateway.NewIntake(everything{}, everything{}, gateway.Settings{RejectBurst: 1 << 20}, log, registry)
		s := newService(EndpointSettings{CommitTimeout: time.Minute, Recheck: time.Hour}, intake, nil, log, newEndpointMetrics(registry))
		defer s.workers.stop()
		defer s.logins.stop()
		var written bytes.Buffer
		c := newConn(t.Context(), sinkConn{bytesConn{Reader: bytes.NewReader(sent)}, &written}, 64)
		defer c.cancel()
		c.device, c.version, c.patience, c.checked = "d", 3+version%3, time.Minute, time.Now()
		frames := 0
		for s.serveNext(c) == nil {
			frames++
		}
		require.LessOrEqual(t, frames, len(sent)/2)
		require.LessOrEqual(t, written.Len(), 4*len(sent))
	})
}

var _ net.Conn = sinkConn{}
