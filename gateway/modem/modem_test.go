package modem_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"waybill/gateway/modem"
	"waybill/gateway/modem/at"
	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/sms"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = time.Minute

// inbox is a handler that passes texts on, and refuses while it is shut.
type inbox struct {
	texts chan modem.Text

	mu      sync.Mutex
	shut    bool
	refused chan modem.Text
}

func newInbox() *inbox {
	return &inbox{texts: make(chan modem.Text, 1000), refused: make(chan modem.Text, 1000)}
}

func (in *inbox) HandleText(_ context.Context, text modem.Text) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.shut {
		select {
		case in.refused <- text:
		default:
		}
		return errors.New("the database is away")
	}
	in.texts <- text
	return nil
}

func (in *inbox) setShut(shut bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.shut = shut
}

func (in *inbox) next(t *testing.T) modem.Text {
	t.Helper()
	select {
	case text := <-in.texts:
		return text
	case <-time.After(patience):
		require.FailNow(t, "no text came")
		return modem.Text{}
	}
}

// rig is a modem on an emulator, through a real serial port.
type rig struct {
	*modem.Modem
	sim      *emulator.Emulator
	in       *inbox
	registry *prometheus.Registry
}

func start(t *testing.T, sim emulator.Config, change func(*modem.Config)) *rig {
	t.Helper()
	sim.Link = filepath.Join(t.TempDir(), "modem")
	r := &rig{sim: emulator.New(sim), in: newInbox(), registry: prometheus.NewRegistry()}
	path, err := r.sim.Start()
	require.NoError(t, err)
	metrics, err := modem.NewMetrics(r.registry)
	require.NoError(t, err)
	cfg := modem.Config{
		Name: "one", Open: modem.Serial(path, 0), Handler: r.in, PIN: sim.PIN, Metrics: metrics,
		RetryMin: 20 * time.Millisecond, RetryMax: 200 * time.Millisecond,
		AT:     at.Config{Settle: 20 * time.Millisecond, ProbeTimeout: 200 * time.Millisecond, Timeout: 2 * time.Second},
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	if change != nil {
		change(&cfg)
	}
	r.Modem, err = modem.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, r.sim.Close())
		require.Equal(t, modem.Closed, r.Status().State)
	})
	run(t, r.Run)
	return r
}

// run has something run until the test ends.
func run(t *testing.T, f func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
}

// becomes waits for a condition that nothing signals.
func becomes(t *testing.T, what string, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, patience, 5*time.Millisecond, what)
}

func (r *rig) state(s modem.State) func() bool { return func() bool { return r.Status().State == s } }

func (r *rig) empty() bool { return r.sim.Stored("SM")+r.sim.Stored("ME")+r.sim.Waiting() == 0 }

func (r *rig) count(t *testing.T, name string) float64 {
	t.Helper()
	families, err := r.registry.Gather()
	require.NoError(t, err)
	sum := 0.0
	for _, f := range families {
		if f.GetName() == "waybill_modem_"+name {
			for _, m := range f.GetMetric() {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

func TestTextsOfEveryMemoryAreTakenAndDeleted(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{IMSI: "460009876543210", IMEI: "352848025020328"}, func(c *modem.Config) {
		c.Parts = assembled(t, c.Handler)
	})
	becomes(t, "ready", r.state(modem.Ready))
	sent := time.Date(2026, 9, 13, 14, 50, 40, 0, time.UTC)
	long := strings.Repeat("货物 ", 100)
	require.NoError(t, r.sim.Inject("+8613800138000", "lat:52.397735", sent))
	require.NoError(t, r.sim.Inject("+8613800138001", long, sent.Add(time.Second)))
	require.NoError(t, r.sim.Deliver(emulator.Message{From: "+8613800138002", Data: []byte{0, 1, 0xff}, Time: sent, Memory: "ME"}))
	got := map[string]modem.Text{}
	for range 3 {
		text := r.in.next(t)
		got[text.From] = text
	}
	require.Equal(t, "lat:52.397735", got["+8613800138000"].Body)
	require.Equal(t, sent, got["+8613800138000"].SentTime)
	require.Equal(t, "460009876543210", got["+8613800138000"].SIM)
	require.Equal(t, long, got["+8613800138001"].Body)
	require.Greater(t, len(got["+8613800138001"].PDUs), 1)
	require.Equal(t, []byte{0, 1, 0xff}, got["+8613800138002"].Data)
	becomes(t, "empty", r.empty)

	s := r.Status()
	require.Equal(t, "352848025020328", s.IMEI)
	require.Equal(t, modem.Home, s.Registration)
	require.Equal(t, "Waybill Mobile", s.Operator)
	require.Equal(t, -73, s.Signal)
	require.Len(t, s.Memories, 2)
	require.InDelta(t, 2, r.count(t, "texts_read_total"), 0)
	require.InDelta(t, len(got["+8613800138001"].PDUs), r.count(t, "parts_kept_total"), 0)
	problems, err := testutil.GatherAndLint(r.registry)
	require.NoError(t, err)
	require.Empty(t, problems)
}

func TestWhatWasThereBeforeIsFoundByTheSweep(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{Memories: []emulator.Memory{{Name: "SM", Capacity: 5, First: 0}}}, nil)
	for i := range 12 { // Seven wait in the network for room.
		require.NoError(t, r.sim.Inject("+8613800138000", "early", time.Unix(1_700_000_000+int64(i), 0)))
	}
	for range 12 {
		r.in.next(t)
	}
	becomes(t, "empty", r.empty)
}

func TestRefusedTextStaysAndComesAgain(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{}, nil)
	r.in.setShut(true)
	require.NoError(t, r.sim.Inject("+8613800138000", "wait", time.Now()))
	<-r.in.refused
	<-r.in.refused // A second time, without any hint from the modem.
	require.Equal(t, 1, r.sim.Stored("SM"))
	r.in.setShut(false)
	require.Equal(t, "wait", r.in.next(t).Body)
	becomes(t, "empty", r.empty)
}

func TestPartsMakeRoomForTheOthers(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{Memories: []emulator.Memory{{Name: "SM", Capacity: 1, First: 1}, {Name: "ME", Capacity: 9, First: 1}}},
		func(c *modem.Config) { c.Parts = assembled(t, c.Handler) })
	becomes(t, "ready", r.state(modem.Ready))
	long := strings.Repeat("0123456789", 100) // Seven parts, of which the SIM holds one at a time.
	require.NoError(t, r.sim.Inject("+8613800138000", long, time.Now()))
	require.Equal(t, long, r.in.next(t).Body)
	becomes(t, "empty", r.empty)
}

func TestPartsStayWhereNobodyKeepsThem(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{}, nil)
	becomes(t, "ready", r.state(modem.Ready))
	require.NoError(t, r.sim.Inject("+8613800138000", strings.Repeat("0123456789", 20), time.Now()))
	becomes(t, "seen to wait", func() bool { return r.Status().Waiting == 2 })
	require.NoError(t, r.sim.Inject("+8613800138000", "short", time.Now()))
	require.Equal(t, "short", r.in.next(t).Body)
	becomes(t, "only they are left", func() bool { return r.count(t, "messages_deleted_total") == 1 })
	require.Equal(t, 2, r.sim.Stored("SM"))
}

func TestDeletionThatDoesNothingIsSeen(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{}, func(c *modem.Config) { c.SweepInterval = 50 * time.Millisecond })
	r.sim.SetFaults(func(f *emulator.Faults) { f.KeepDeleted = true })
	require.NoError(t, r.sim.Inject("+8613800138000", "once", time.Now()))
	r.in.next(t)
	becomes(t, "counted", func() bool { return r.count(t, "deletions_ineffective_total") >= 2 })
	require.Empty(t, r.in.texts, "handed over once")
	r.sim.SetFaults(func(f *emulator.Faults) { f.KeepDeleted = false })
	becomes(t, "empty", r.empty)
}

func TestUnreadablePDUIsHandedOverAsAProblem(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{}, nil)
	require.NoError(t, r.sim.Deliver(emulator.Message{PDU: "0000FFFF"}))
	text := r.in.next(t)
	require.Error(t, text.Problem)
	require.Equal(t, []string{"0000FFFF"}, text.PDUs)
	becomes(t, "empty", r.empty)
}

func TestUnpluggedAndPluggedAgain(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{}, nil)
	becomes(t, "ready", r.state(modem.Ready))
	require.NoError(t, r.sim.Close())
	becomes(t, "lost", r.state(modem.Unplugged))
	_, err := r.sim.Start()
	require.NoError(t, err)
	require.NoError(t, r.sim.Inject("+8613800138000", "back", time.Now()))
	require.Equal(t, "back", r.in.next(t).Body)
}

func TestHangIsLeftByOpeningAnew(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{}, func(c *modem.Config) {
		c.SweepInterval, c.PollInterval = time.Hour, 50*time.Millisecond // Listing has a longer time than a test has.
		c.AT.Timeout, c.AT.Probes = 200*time.Millisecond, 2
	})
	becomes(t, "swept", func() bool { return len(r.Status().Memories) > 0 })
	r.sim.SetFaults(func(f *emulator.Faults) { f.Hang = true })
	becomes(t, "lost", func() bool { return r.Status().State != modem.Ready })
	r.sim.SetFaults(func(f *emulator.Faults) { f.Hang = false })
	require.NoError(t, r.sim.Inject("+8613800138000", "back", time.Now()))
	require.Equal(t, "back", r.in.next(t).Body)
}

func TestRestartOfTheModemIsSeen(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{}, nil)
	becomes(t, "ready", r.state(modem.Ready))
	r.sim.Say("\r\nRDY\r\n")
	becomes(t, "set up again", func() bool { return r.count(t, "resets_total") == 1 && r.Status().State == modem.Ready })
	require.Contains(t, r.Status().LastError, "RDY")
	require.Equal(t, modem.Reinitialise, r.Status().LastReset)
	require.InDelta(t, 1, r.count(t, "opened_total"), 0)
}

func TestPIN(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{PIN: "4711"}, nil)
	becomes(t, "ready", r.state(modem.Ready))
}

func TestWrongPINIsSentOnce(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{PIN: "4711"}, func(c *modem.Config) { c.PIN = "0000" })
	becomes(t, "blocked", r.state(modem.PINRefused))
	becomes(t, "opened some times more", func() bool { return r.count(t, "opened_total") >= 4 })
	require.Equal(t, 2, r.sim.PINTries())
	require.Equal(t, modem.PINRefused, r.Status().State)
}

func TestWrongPINIsNotSentAfterARestart(t *testing.T) {
	t.Parallel()
	ledger := modem.PINFiles{Folder: filepath.Join(t.TempDir(), "pins")}
	r := start(t, emulator.Config{PIN: "4711"}, func(c *modem.Config) { c.PIN, c.PINs = "0000", ledger })
	becomes(t, "blocked", r.state(modem.PINRefused))
	again := start(t, emulator.Config{PIN: "4711"}, func(c *modem.Config) { c.PIN, c.PINs = "0000", ledger })
	becomes(t, "blocked", again.state(modem.PINRefused))
	require.Equal(t, 3, again.sim.PINTries(), "the same device, as its IMEI says")
	right := start(t, emulator.Config{PIN: "4711"}, func(c *modem.Config) { c.PINs = ledger })
	becomes(t, "ready with the right one", right.state(modem.Ready))
}

func TestSend(t *testing.T) {
	t.Parallel()
	sent := make(chan emulator.Submission, 9)
	r := start(t, emulator.Config{Sent: func(s emulator.Submission) { sent <- s }}, nil)
	becomes(t, "ready", r.state(modem.Ready))
	parts, err := sms.Split("+8613800138009", strings.Repeat("where? ", 40), sms.Terms{})
	require.NoError(t, err)
	require.Len(t, parts, 2)
	for _, part := range parts {
		ref, err := r.Submit(t.Context(), part)
		require.NoError(t, err)
		got := <-sent
		require.Equal(t, "+8613800138009", got.To)
		require.Equal(t, got.Reference, ref)
		require.NotEmpty(t, got.Text)
	}

	r.sim.SetFaults(func(f *emulator.Faults) { f.SendError = 500 })
	_, err = r.Submit(t.Context(), parts[0])
	var cms *at.CMSError
	require.ErrorAs(t, err, &cms)
	require.Equal(t, 500, cms.Code)
}

func TestTraceOfOneModemWhileItRuns(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{}, func(c *modem.Config) { c.PollInterval = 20 * time.Millisecond })
	becomes(t, "ready", r.state(modem.Ready))
	seen := make(chan string, 1000)
	remove := r.Tap(func(p at.Passed) {
		select {
		case seen <- string(p.Direction) + " " + p.Text:
		default:
		}
	})
	for text := range seen {
		if text == "sent AT+CSQ" {
			break
		}
	}
	remove()
}
