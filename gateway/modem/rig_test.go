package modem_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"waybill/gateway/modem"
	"waybill/gateway/modem/at"
)

// brisk are settings with which nothing that is waited for takes long.
func brisk(t *testing.T) modem.Config {
	t.Helper()
	return modem.Config{
		RetryMin: 20 * time.Millisecond, RetryMax: 200 * time.Millisecond, PollInterval: 20 * time.Millisecond,
		SIMWait: 2 * time.Second, RestartWait: 2 * time.Second,
		AT:     at.Config{Settle: 20 * time.Millisecond, ProbeTimeout: 200 * time.Millisecond, Timeout: 500 * time.Millisecond, Probes: 2},
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
}

// lone is a modem on a port that is the test's.
type lone struct {
	*modem.Modem
	stop func()
}

func (r *lone) state(s modem.State) func() bool { return func() bool { return r.Status().State == s } }

// runOn runs a modem until stop.
func runOn(t *testing.T, path string, change func(*modem.Config)) *lone {
	t.Helper()
	cfg := brisk(t)
	cfg.Name, cfg.Open, cfg.Handler = "one", modem.Serial(path, 0), newInbox()
	change(&cfg)
	m, err := modem.New(cfg)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-done)
	})
	t.Cleanup(stop)
	return &lone{m, stop}
}

// sum adds up the metrics of the name whose labels have all these values.
func sum(t *testing.T, registry *prometheus.Registry, name string, values ...string) float64 {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	total := 0.0
	for _, f := range families {
		if f.GetName() != "waybill_modem_"+name {
			continue
		}
	metrics:
		for _, m := range f.GetMetric() {
			have := ""
			for _, l := range m.GetLabel() {
				have += l.GetValue() + "\n"
			}
			for _, v := range values {
				if !strings.Contains(have, v+"\n") {
					continue metrics
				}
			}
			total += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return total
}

// filter answers some commands in a modem's stead: what the emulated one doesn't know.
type filter struct {
	io.ReadWriteCloser
	answers map[string]string

	mu    sync.Mutex
	asked []string
	say   chan string
}

// filtered wraps the port that open gives, once.
func filtered(open func(context.Context) (io.ReadWriteCloser, error), answers map[string]string) (*filter, func(context.Context) (io.ReadWriteCloser, error)) {
	f := &filter{answers: answers, say: make(chan string, 100)}
	return f, func(ctx context.Context) (io.ReadWriteCloser, error) {
		port, err := open(ctx)
		if err != nil {
			return nil, err
		}
		r, w := io.Pipe()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, err := io.Copy(w, port)
			_ = w.CloseWithError(err)
		}()
		return &filteredPort{filter: f, port: port, out: r, in: w, ended: ended}, nil
	}
}

func (f *filter) count(command string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, asked := range f.asked {
		if asked == command {
			n++
		}
	}
	return n
}

type filteredPort struct {
	filter *filter
	port   io.ReadWriteCloser
	out    *io.PipeReader
	in     *io.PipeWriter
	ended  chan struct{}
	wait   sync.WaitGroup
}

func (p *filteredPort) Read(b []byte) (int, error) { return p.out.Read(b) }

func (p *filteredPort) Write(b []byte) (int, error) {
	command := strings.Trim(string(bytes.TrimPrefix(b, []byte("AT"))), "\r\x1b")
	p.filter.mu.Lock()
	p.filter.asked = append(p.filter.asked, command)
	answer, known := p.filter.answers[command]
	p.filter.mu.Unlock()
	if !known {
		return p.port.Write(b)
	}
	p.wait.Go(func() { _, _ = io.WriteString(p.in, answer) })
	return len(b), nil
}

func (p *filteredPort) Close() error {
	err := p.port.Close()
	_ = p.in.Close()
	<-p.ended
	p.wait.Wait()
	return err
}
