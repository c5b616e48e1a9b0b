package modem_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem"
	"waybill/gateway/modem/emulator"
)

// database is a handler that takes as long as a commit does.
type database struct{ commit time.Duration }

func (d database) HandleText(ctx context.Context, _ modem.Text) error {
	done := time.NewTimer(d.commit)
	defer done.Stop()
	select {
	case <-done.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// span watches the line from the first listing to the answer of the last deletion.
type span struct {
	sim  *emulator.Emulator
	want int // Deletions.
	done chan struct{}

	mu       sync.Mutex
	deleted  int
	from     time.Time
	before   emulator.Traffic
	elapsed  time.Duration
	line     emulator.Traffic
	finished bool
}

// tapped is a port on which the span hears what passes.
type tapped struct {
	io.ReadWriteCloser
	span *span
}

func (t tapped) Read(p []byte) (int, error) {
	n, err := t.ReadWriteCloser.Read(p)
	t.span.hear(false, p[:n])
	return n, err
}

func (t tapped) Write(p []byte) (int, error) {
	t.span.hear(true, p)
	return t.ReadWriteCloser.Write(p)
}

func (s *span) tap(open func(context.Context) (io.ReadWriteCloser, error)) func(context.Context) (io.ReadWriteCloser, error) {
	return func(ctx context.Context) (io.ReadWriteCloser, error) {
		port, err := open(ctx)
		return tapped{port, s}, err
	}
}

func (s *span) hear(sent bool, p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.finished:
	case s.from.IsZero():
		if sent && bytes.Contains(p, []byte("+CMGL")) {
			s.from, s.before = time.Now(), s.sim.Traffic()
		}
	case sent && bytes.Contains(p, []byte("+CMGD")):
		s.deleted++
	case !sent && s.deleted == s.want && bytes.Contains(p, []byte("OK")):
		s.elapsed, s.line, s.finished = time.Since(s.from), s.sim.Traffic(), true
		close(s.done)
	}
}

// BenchmarkReading reads a full SIM and a full memory over a line of 115,200 baud. What counts is the share of the time in
// which the line is busy: the rest is what Waybill makes the modem wait.
func BenchmarkReading(b *testing.B) {
	const onSIM, inModem = 50, 255
	text := strings.Repeat("Lat:N22.571285,Lon:E113.877115,Course:42.20 ", 4)[:160]
	for _, commit := range []time.Duration{0, 2 * time.Millisecond, 20 * time.Millisecond} {
		b.Run("commit="+commit.String(), func(b *testing.B) {
			var busy, elapsed time.Duration
			for b.Loop() {
				b.StopTimer()
				sim := emulator.New(emulator.Config{
					Link: filepath.Join(b.TempDir(), "modem"), Baud: 115_200,
					Memories: []emulator.Memory{{Name: "SM", Capacity: onSIM, First: 1}, {Name: "ME", Capacity: inModem, First: 1}},
				})
				path, err := sim.Start()
				require.NoError(b, err)
				for i := range onSIM + inModem {
					memory := "SM"
					if i >= onSIM {
						memory = "ME"
					}
					require.NoError(b, sim.Deliver(emulator.Message{
						From: fmt.Sprintf("+86138001%05d", i), Text: text, Time: time.Unix(1_700_000_000+int64(i), 0), Memory: memory,
					}))
				}
				s := &span{sim: sim, want: onSIM + inModem, done: make(chan struct{})}
				m, err := modem.New(modem.Config{Name: "one", Open: s.tap(modem.Serial(path, 0)), Handler: database{commit}})
				require.NoError(b, err)
				ctx, cancel := context.WithCancel(b.Context())
				ended := make(chan error, 1)
				b.StartTimer()
				go func() { ended <- m.Run(ctx) }()
				<-s.done
				b.StopTimer()
				cancel()
				require.NoError(b, <-ended)
				require.NoError(b, sim.Close())
				busy += s.line.Busy - s.before.Busy
				elapsed += s.elapsed
				b.StartTimer()
			}
			b.ReportMetric(100*busy.Seconds()/elapsed.Seconds(), "%busy")
			b.ReportMetric(float64(onSIM+inModem)*float64(b.N)/elapsed.Seconds(), "texts/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
