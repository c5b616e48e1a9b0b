package outbound_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"waybill/gateway"
	"waybill/gateway/codec"
	"waybill/gateway/codec/concox"
	"waybill/gateway/modem"
	"waybill/gateway/modem/at"
	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/emulator/fault"
	"waybill/gateway/modem/emulator/profile"
	"waybill/gateway/outbound"
	"waybill/gateway/outbound/command"
	"waybill/gateway/postgres"
	"waybill/internal/pgtest"
	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
)

const (
	commandCount = 500
	unitCount    = 50
	modemCount   = 4
	// perMinute is the pace of the test: a gap of 40 ms.
	perMinute = 1500
)

// air is what passed between the modems and the units.
type air struct {
	mu      sync.Mutex
	sent    map[string][]time.Time // Guarded by mu: by IMSI, when the network took a message.
	heard   map[string]int         // Guarded by mu: by body, how often.
	silence map[string]bool        // Guarded by mu: bodies of which nothing more will be heard.
}

// took notes what the network took.
func (a *air) took(s emulator.Submission) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent[s.IMSI] = append(a.sent[s.IMSI], s.Time)
	a.heard[s.Text]++
}

// mute tells whether a unit never answers: every tenth.
func mute(number string) bool { return strings.HasSuffix(number, "7") }

// fate loses some reports, and finds some units switched off.
func (a *air) fate(s emulator.Submission) emulator.Fate {
	a.mu.Lock()
	defer a.mu.Unlock()
	var n int
	_, _ = fmt.Sscanf(s.Text, "PING,%d#", &n)
	switch {
	case n%25 == 3:
		return emulator.Fate{Status: 0x46}
	case n%100 == 17, n%20 == 11:
		a.silence[s.Text] = mute(s.To)
		return emulator.Fate{Lost: true}
	}
	return emulator.Fate{}
}

// TestFiveHundredCommands sends 500 commands to 50 units by four modems, one in ten of whose messages is refused: each
// command comes into one end state, none is heard twice, and each modem keeps its pace.
func TestFiveHundredCommands(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	registry, queue := trackingpg.NewRegistry(pool, "CN"), postgres.NewOutbound(pool)
	log := slog.New(slog.DiscardHandler)
	service := &command.Service{Store: postgres.NewCommands(pool), Devices: registry}
	_, err := service.PutTemplate(t.Context(), command.Template{
		Model: "unit", Kind: "ping", Body: "PING,{n}#", AnswerPosition: true, AnswerWithin: 10 * time.Minute,
	})
	require.NoError(t, err)
	units := make([]emulator.Unit, unitCount)
	for i := range units {
		units[i].Number = fmt.Sprintf("+8613800138%03d", i)
		_, err := registry.CreateDevice(t.Context(), tracking.Device{UID: fmt.Sprintf("unit-%d", i), Phone: units[i].Number, Model: "unit"}, "")
		require.NoError(t, err)
		if !mute(units[i].Number) {
			units[i].Answer = func(ping string) string {
				var n int
				_, _ = fmt.Sscanf(ping, "PING,%d#", &n)
				when := time.Date(2026, 3, 4, 0, 0, n, 0, time.UTC) // No two fixes of a unit at once.
				return "Lat:N22.571285,Lon:E113.877115,Course:42.20,Speed:0.0740,DateTime:" + when.Format("06-01-02 15:04:05")
			}
		}
	}
	sink := &sink{}
	intake := gateway.NewIntake(sink, postgres.New(pool, postgres.Bounds{}), gateway.Settings{}, log, prometheus.NewRegistry())
	texts := &gateway.Texts{Intake: intake, Directory: registry, Formats: codec.Texts{{Name: "concox", Decode: concox.Decode}}, Answers: service}
	metrics, err := outbound.NewMetrics(prometheus.NewRegistry())
	require.NoError(t, err)
	a := &air{sent: make(map[string][]time.Time), heard: make(map[string]int), silence: make(map[string]bool)}
	modems := startModems(t, a, units, modem.Intake{Texts: texts}, &outbound.Reports{Store: queue, Region: "CN", Log: log, Metrics: metrics})

	for n := range commandCount {
		_, _, err := service.Send(t.Context(), command.Request{
			Device: fmt.Sprintf("unit-%d", n%unitCount), Kind: "ping", Parameters: map[string]string{"n": fmt.Sprint(n)},
		})
		require.NoError(t, err)
	}
	dispatcher := outbound.NewDispatcher(queue, func() []outbound.Port { return modems }, outbound.Settings{
		PerMinute: perMinute, Poll: 20 * time.Millisecond, Retry: 20 * time.Millisecond, Rest: 60 * time.Millisecond, RestMost: 200 * time.Millisecond,
	}, log, metrics)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- dispatcher.Run(ctx) }()
	var open []string
	settled := func() bool { open = a.open(t, pool); return len(open) == 0 }
	if !assert.Eventually(t, settled, 5*time.Minute, 100*time.Millisecond) {
		require.Empty(t, open, "of these more is to be heard")
	}
	stop()
	require.NoError(t, <-done)
	// What nobody spoke of any more is ended by time.
	_, err = queue.Sweep(t.Context(), time.Now().Add(time.Hour), true)
	require.NoError(t, err)

	states := make(map[outbound.State]int)
	refused := 0
	all, err := queue.List(t.Context(), outbound.Filter{Limit: commandCount + 1})
	require.NoError(t, err)
	require.Len(t, all, commandCount)
	for _, text := range all {
		states[text.State]++
		refused += text.Attempts - a.heard[text.Body]
		require.False(t, text.EndTime.IsZero(), "%s: %s", text.Body, text.State)
		require.Contains(t, []outbound.State{outbound.Delivered, outbound.Answered, outbound.Failed, outbound.Expired}, text.State)
		require.Equal(t, 1, a.heard[text.Body], "%s is heard once, however often it was refused", text.Body)
	}
	t.Logf("%v; %d messages refused and sent again; fixes from answers: %d", states, refused, sink.count())
	require.Equal(t, 20, states[outbound.Failed])
	require.Positive(t, states[outbound.Expired])
	require.Positive(t, states[outbound.Delivered])
	require.Greater(t, states[outbound.Answered], 400)
	require.Equal(t, states[outbound.Answered], sink.count(), "an answer that is a position is a report, too")
	require.Greater(t, refused, 20)
	a.requirePace(t)
}

// open lists the texts of which more is to be heard.
func (a *air) open(t *testing.T, pool *pgxpool.Pool) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `select body, recipient, state, code, modem from gateway.outbound_text where end_time is null`)
	require.NoError(t, err)
	defer rows.Close()
	a.mu.Lock()
	defer a.mu.Unlock()
	var open []string
	for rows.Next() {
		var body, to, state, code, modem string
		require.NoError(t, rows.Scan(&body, &to, &state, &code, &modem))
		if waits := state == "delivered" && mute(to) || state == "sent" && a.silence[body]; !waits {
			open = append(open, fmt.Sprint(body, " to ", to, " is ", state, " ", code, " ", modem))
		}
	}
	require.NoError(t, rows.Err())
	return open
}

// requirePace looks at when the network had each modem's messages.
func (a *air) requirePace(t *testing.T) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	require.Len(t, a.sent, modemCount, "all modems are used")
	gap := time.Minute / perMinute
	for imsi, times := range a.sent {
		for i := 1; i < len(times); i++ {
			require.GreaterOrEqual(t, times[i].Sub(times[i-1]), gap, "modem %s", imsi)
		}
	}
}

// station is a modem on an emulator.
type station struct {
	*modem.Modem
	imsi string
}

// SIM is the IMSI.
func (s station) SIM() string { return s.imsi }

func startModems(t *testing.T, a *air, units []emulator.Unit, handler modem.Handler, reports modem.ReportHandler) []outbound.Port {
	t.Helper()
	ports := make([]outbound.Port, modemCount)
	for i := range ports {
		imsi := fmt.Sprintf("46000123456789%d", i)
		sim := emulator.New(emulator.Config{
			Profile: profile.Quectel(), // It stores reports, so none is lost but those that the network loses.
			Link:    filepath.Join(t.TempDir(), "modem"), IMSI: imsi, IMEI: fmt.Sprintf("35209900176148%d", i), Units: units, Sent: a.took, Fate: a.fate,
		})
		path, err := sim.Start()
		require.NoError(t, err)
		require.NoError(t, sim.Break(fault.Fault{Kind: fault.SendError, Rate: 0.1, Seed: uint64(i + 1), Code: []int{500, 38, 42, 500}[i]}))
		m, err := modem.New(modem.Config{
			Name: fmt.Sprintf("modem-%d", i), Open: modem.Serial(path, 0), Handler: handler, Reports: reports, SweepInterval: time.Second,
			RetryMin: 20 * time.Millisecond, RetryMax: 200 * time.Millisecond, AT: at.Config{Settle: 20 * time.Millisecond},
		})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
		done := make(chan error, 1)
		go func() { done <- m.Run(ctx) }()
		t.Cleanup(func() {
			cancel()
			require.NoError(t, <-done)
			require.NoError(t, sim.Close())
		})
		require.Eventually(t, func() bool { return m.Status().State == modem.Ready }, time.Minute, 5*time.Millisecond)
		ports[i] = station{m, imsi}
	}
	return ports
}

// sink has stored whatever it got.
type sink struct {
	mu    sync.Mutex
	fixes int // Guarded by mu.
}

func (s *sink) Deliver(_ context.Context, reports []tracking.Report) ([]tracking.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fixes += len(reports)
	outcomes := make([]tracking.Outcome, len(reports))
	for i := range outcomes {
		outcomes[i].Kind = tracking.Stored
	}
	return outcomes, nil
}

func (s *sink) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fixes
}
