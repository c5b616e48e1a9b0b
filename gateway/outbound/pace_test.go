package outbound_test

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"waybill/gateway/modem/at"
	"waybill/gateway/modem/sms"
	"waybill/gateway/outbound"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// line is a queue in memory, for the tests of pace: in them time is not that of the machine.
type line struct {
	mu    sync.Mutex
	texts []outbound.Text
	ended map[string]outbound.Outcome
}

func (l *line) Claim(context.Context, outbound.Claimant, time.Time) (outbound.Text, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, t := range l.texts {
		if !t.NextTime.After(time.Now()) {
			l.texts = slices.Delete(l.texts, i, i+1)
			return t, true, nil
		}
	}
	return outbound.Text{}, false, nil
}

func (l *line) Settle(_ context.Context, t outbound.Text, o outbound.Outcome) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case o.Fate == outbound.Deferred, o.Fate == outbound.Kept:
		if o.Fate == outbound.Deferred && !o.Blameless {
			t.Failures++
		}
		t.NextTime = o.NextTime
		l.texts = append(l.texts, t)
	case o.Fate == outbound.Taken && t.PartsSent+1 < t.Cost.Parts:
		t.PartsSent++
		l.texts = append(l.texts, t)
	default:
		l.ended[t.UID] = o
	}
	return nil
}

func (*line) Renew(context.Context, string, time.Duration) error { return nil }
func (*line) Sweep(context.Context, time.Time, bool) (outbound.Swept, error) {
	return outbound.Swept{}, nil
}
func (*line) Depths(context.Context) ([]outbound.Depth, error) { return nil, nil }

// radio is a modem that takes its time and notes when it was given parts.
type radio struct {
	name string
	slow time.Duration
	err  func(n int) error

	mu   sync.Mutex
	sent []time.Time
}

func (r *radio) Name() string { return r.name }
func (r *radio) SIM() string  { return r.name }

func (r *radio) Submit(_ context.Context, _ sms.Submission) (int, error) {
	time.Sleep(r.slow) //nolint:forbidigo // the bubble's time
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = append(r.sent, time.Now())
	if r.err != nil {
		if err := r.err(len(r.sent)); err != nil {
			return sms.NoReference, err
		}
	}
	return len(r.sent) % 256, nil
}

func texts(n int, body string) []outbound.Text {
	cost, _ := sms.Estimate(body)
	all := make([]outbound.Text, n)
	for i := range all {
		all[i] = outbound.Text{
			UID: strconv.Itoa(i), Key: int64(i), To: "+8613800138000", Body: body, Cost: cost, ExpireTime: time.Now().Add(24 * time.Hour),
		}
	}
	return all
}

// run has the dispatcher work for so long.
func run(l *line, s outbound.Settings, d time.Duration, radios ...*radio) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	ports := make([]outbound.Port, len(radios))
	for i, r := range radios {
		ports[i] = r
	}
	dispatcher := outbound.NewDispatcher(l, func() []outbound.Port { return ports }, s, slog.New(slog.DiscardHandler), nil)
	_ = dispatcher.Run(ctx)
}

// requirePace: no window of a minute has more than may be.
func requirePace(t *testing.T, sent []time.Time, most int) {
	t.Helper()
	for i := range sent {
		if i+most < len(sent) {
			require.GreaterOrEqual(t, sent[i+most].Sub(sent[i]), time.Minute)
		}
	}
}

func TestThePaceHoldsInEveryWindowAndOverRestarts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{texts: texts(40, "where#"), ended: make(map[string]outbound.Outcome)}
		a, b := &radio{name: "a", slow: 3 * time.Second}, &radio{name: "b", slow: 100 * time.Millisecond}
		for range 6 { // Each is a process of its own.
			run(l, outbound.Settings{PerMinute: 6}, 45*time.Second, a, b)
		}
		requirePace(t, a.sent, 6)
		requirePace(t, b.sent, 6)
		require.Greater(t, len(b.sent), 12)
		require.Greater(t, len(a.sent), 6, "both are used")
		require.Len(t, l.ended, len(a.sent)+len(b.sent))
	})
}

func TestALongTextKeepsThePaceAndItsOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		long := make([]byte, 500)
		for i := range long {
			long[i] = 'x'
		}
		l := &line{texts: texts(3, string(long)), ended: make(map[string]outbound.Outcome)}
		a := &radio{name: "a"}
		run(l, outbound.Settings{PerMinute: 8}, 3*time.Minute, a)
		require.Len(t, a.sent, 12)
		require.Len(t, l.ended, 3)
		requirePace(t, a.sent, 8)
	})
}

func TestAModemRestsLongerWithEachRefusalAndTheOtherGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{texts: texts(400, "where#"), ended: make(map[string]outbound.Outcome)}
		bad := &radio{name: "bad", err: func(int) error { return &at.CMSError{Code: 500, Text: "500"} }}
		good := &radio{name: "good"}
		run(l, outbound.Settings{PerMinute: 60}, 4*time.Minute+30*time.Second, bad, good)
		require.Greater(t, len(l.ended), 250)
		for _, o := range l.ended {
			require.Equal(t, outbound.Taken, o.Fate)
		}
		require.Len(t, bad.sent, 4, "at 1 s, after rests of 20 s, 40 s, 80 s; the next is of 160 s")
		for i, want := range []time.Duration{20 * time.Second, 40 * time.Second, 80 * time.Second} {
			require.GreaterOrEqual(t, bad.sent[i+1].Sub(bad.sent[i]), want)
		}
	})
}

func TestWhatIsRefusedForGoodIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{texts: texts(3, "where#"), ended: make(map[string]outbound.Outcome)}
		errs := []error{&at.CMSError{Code: 28, Text: "28"}, at.ErrTimeout, nil}
		a := &radio{name: "a", err: func(n int) error { return errs[n-1] }}
		run(l, outbound.Settings{}, 3*time.Minute, a)
		require.Len(t, a.sent, 3)
		require.Equal(t, outbound.Rejected, l.ended["0"].Fate)
		require.Equal(t, "cms-28", l.ended["0"].Code)
		require.Contains(t, l.ended["0"].Detail, "check the number")
		require.Equal(t, outbound.Lost, l.ended["1"].Fate)
		require.Equal(t, outbound.Taken, l.ended["2"].Fate)
	})
}

func TestACutOffIsNeverSentAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		once := texts(1, "stop")
		once[0].Once = true
		l := &line{texts: once, ended: make(map[string]outbound.Outcome)}
		a := &radio{name: "a", err: func(int) error { return &at.CMSError{Code: 500, Text: "500"} }}
		run(l, outbound.Settings{}, time.Hour, a)
		require.Len(t, a.sent, 1)
		require.Equal(t, outbound.Rejected, l.ended["0"].Fate)
		require.Contains(t, l.ended["0"].Detail, "give the command anew")
	})
}

func TestATextIsGivenUpAfterSomeRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{texts: texts(1, "where#"), ended: make(map[string]outbound.Outcome)}
		a := &radio{name: "a", err: func(int) error { return &at.CMSError{Code: 500, Text: "500"} }}
		run(l, outbound.Settings{}, 5*time.Hour, a)
		require.Len(t, a.sent, 8)
		require.Contains(t, l.ended["0"].Detail, "given up after 8 tries")
	})
}

// An outage that lasts half a day is no text's fault.
func TestATextOutlastsAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{texts: texts(1, "where#"), ended: make(map[string]outbound.Outcome)}
		over := time.Now().Add(12 * time.Hour)
		a := &radio{name: "a", err: func(int) error {
			if time.Now().Before(over) {
				return &at.CMSError{Code: 38, Text: "38"}
			}
			return nil
		}}
		run(l, outbound.Settings{}, 13*time.Hour, a)
		require.Greater(t, len(a.sent), 50)
		require.Equal(t, outbound.Taken, l.ended["0"].Fate)
	})
}

// The one that has a part when the process is told to stop says what became of it.
func TestStoppingWaitsForTheModem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{texts: texts(1, "where#"), ended: make(map[string]outbound.Outcome)}
		a := &radio{name: "a", slow: 15 * time.Second}
		run(l, outbound.Settings{PerMinute: 60}, 2*time.Second, a)
		require.Len(t, l.ended, 1)
		require.Equal(t, outbound.Taken, l.ended["0"].Fate)
	})
}
