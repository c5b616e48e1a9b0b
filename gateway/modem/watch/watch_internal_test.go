package watch

import (
	"log/slog"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/gateway/modem"
	"waybill/gateway/modem/sms"
)

// paths is a pool without modems, whose settings have these paths.
type paths []string

func (paths) Modems() []*modem.Modem { return nil }

func (p paths) Covers(path string) bool {
	for _, pattern := range p {
		if matches, _ := filepath.Match(pattern, path); matches {
			return true
		}
	}
	return false
}

func newWatch(pool Pool) *Watch {
	return New(Config{Gateway: "here", Pool: pool, Logger: slog.New(slog.DiscardHandler)}, prometheus.NewRegistry())
}

func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// receiving is a modem in order.
func receiving() modem.Status {
	return modem.Status{
		Name: "usb-A", Path: "/dev/usb-A", State: modem.Ready, Since: noon(), Registration: modem.Home, Signal: -73, Temperature: math.NaN(),
		Memories: []modem.MemoryStatus{{Memory: "SM", Usage: sms.Usage{Used: 3, Total: 20}}, {Memory: "ME", Usage: sms.Usage{Total: 100}}},
	}
}

func (w *Watch) conditions() map[Condition]bool {
	all := make(map[Condition]bool)
	for k := range w.held {
		all[k.condition] = true
	}
	return all
}

func TestConditionsBeginAndEnd(t *testing.T) {
	t.Parallel()
	in := func(state modem.State, err string) func(*modem.Status) {
		return func(s *modem.Status) { s.State, s.Since, s.LastError = state, noon(), err }
	}
	holding := func(n int) func(*modem.Status) { return func(s *modem.Status) { s.Memories[0].Used = n } }
	signal := func(dbm int) func(*modem.Status) { return func(s *modem.Status) { s.Signal = dbm } }
	type step struct {
		after time.Duration // Noon.
		is    func(*modem.Status)
		holds bool
	}
	for _, c := range []struct {
		condition Condition
		steps     []step
		value     float64
		detail    string
	}{
		{MemoryNearlyFull, []step{
			{0, holding(15), false},
			{1, holding(16), true},
			{2, holding(15), true},
			{3, holding(13), true},
			{4, holding(11), false},
			{5, holding(15), false},
			{6, holding(20), true},
			{7, in(modem.Unplugged, ""), true},
		}, 80, "SM holds 16 of 20"},
		{WeakSignal, []step{
			{0, signal(-107), false},
			{3 * time.Minute, signal(-107), true},
			{4 * time.Minute, signal(-103), true},
			{5 * time.Minute, signal(0), true},
			{6 * time.Minute, signal(-99), false},
			{7 * time.Minute, signal(-107), false},
			{8 * time.Minute, signal(-99), false},
			{11 * time.Minute, signal(-107), false},
		}, -107, "-107 dBm"},
		{NotRegistered, []step{
			{time.Minute, func(s *modem.Status) { s.Lost, s.Registration = noon(), modem.Denied }, false},
			{2 * time.Minute, func(s *modem.Status) { s.Lost, s.Registration = noon(), modem.Denied }, true},
			{3 * time.Minute, in(modem.Initialising, ""), true},
			{4 * time.Minute, func(*modem.Status) {}, false},
		}, 120, "denied"},
		{Hanging, []step{
			{0, func(s *modem.Status) { s.LastHangTime, s.LastReset = noon(), modem.Restart }, true},
			{9 * time.Minute, func(s *modem.Status) { s.LastHangTime = noon() }, true},
			{10 * time.Minute, func(s *modem.Status) { s.LastHangTime = noon() }, false},
		}, 0, "restart"},
		{Hanging, []step{{time.Minute, in(modem.Opening, "in use"), false}, {2 * time.Minute, in(modem.Opening, "in use"), true}, {3 * time.Minute, func(*modem.Status) {}, false}}, 0, "in use"},
		{PINRefused, []step{{0, in(modem.PINRefused, "PUK"), true}, {1, in(modem.Initialising, ""), true}, {2, func(*modem.Status) {}, false}}, 0, "PUK"},
		{SIMMissing, []step{{0, in(modem.SIMMissing, "no SIM"), true}, {1, in(modem.Unplugged, ""), false}}, 0, "no SIM"},
		{Unplugged, []step{
			{14 * time.Second, in(modem.Unplugged, ""), false},
			{15 * time.Second, in(modem.Unplugged, ""), true},
			{16 * time.Second, in(modem.Closed, ""), true},
			{17 * time.Second, in(modem.Initialising, ""), false},
		}, 0, "/dev/usb-A"},
	} {
		t.Run(string(c.condition), func(t *testing.T) {
			t.Parallel()
			w := newWatch(paths{})
			for i, step := range c.steps {
				s := receiving()
				step.is(&s)
				w.observe(t.Context(), &s, noon().Add(step.after))
				require.Equal(t, step.holds, w.conditions()[c.condition], "step %d", i)
				expected := 0.0
				if step.holds {
					expected = 1
				}
				require.InDelta(t, expected, testutil.ToFloat64(w.gauge.WithLabelValues("usb-A", string(c.condition))), 0)
			}
			began := w.pending[0]
			require.Equal(t, c.condition, began.Condition)
			require.InDelta(t, c.value, began.Value, 1e-9)
			require.Contains(t, began.Detail, c.detail)
		})
	}
}

// Whatever a modem does, each condition begins before it ends, ends once, and begins again only after that.
func TestBeginningsAndEndsAlternate(t *testing.T) {
	t.Parallel()
	states := []modem.State{modem.Closed, modem.Opening, modem.Initialising, modem.Ready, modem.PINRefused, modem.SIMMissing, modem.Unplugged, modem.Double}
	rapid.Check(t, func(t *rapid.T) {
		w := newWatch(paths{})
		now := noon()
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "later")) * time.Second)
			s := receiving()
			s.State = rapid.SampledFrom(states).Draw(t, "state")
			s.Since = now.Add(-time.Duration(rapid.IntRange(0, 300).Draw(t, "since")) * time.Second)
			s.Signal = rapid.IntRange(-113, 0).Draw(t, "signal")
			s.Memories[0].Used = rapid.IntRange(0, 20).Draw(t, "used")
			if rapid.Bool().Draw(t, "lost") {
				s.Lost = s.Since
			}
			if rapid.Bool().Draw(t, "hung") {
				s.LastHangTime = s.Since
			}
			w.observe(t.Context(), &s, now)
		}
		open := make(map[Condition]bool)
		for _, a := range w.pending {
			require.Equal(t, open[a.Condition], !a.Closed.IsZero(), a.Condition)
			open[a.Condition] = a.Closed.IsZero()
			require.False(t, !a.Closed.IsZero() && a.Closed.Before(a.Opened))
		}
		for _, c := range Conditions() {
			require.Equal(t, open[c], w.conditions()[c])
		}
	})
}

func TestPendingIsBounded(t *testing.T) {
	t.Parallel()
	w := newWatch(paths{})
	for i := range mostPending {
		s := receiving()
		s.Memories[0].Used = 20 * (i % 2)
		w.observe(t.Context(), &s, noon())
		w.observe(t.Context(), &s, noon())
	}
	s := receiving()
	s.State = modem.PINRefused
	for range 10 {
		w.observe(t.Context(), &s, noon())
		s.State = modem.PINRefused
	}
	require.LessOrEqual(t, len(w.pending), mostPending)
	require.Equal(t, PINRefused, w.pending[len(w.pending)-1].Condition)
}
