package modem_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem"
	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/emulator/fault"
)

// quick is for tests in which the modem is to fail.
func quick(t *testing.T) func(*modem.Config) {
	t.Helper()
	return func(c *modem.Config) {
		b := brisk(t)
		c.PollInterval, c.SIMWait, c.RestartWait, c.AT = b.PollInterval, b.SIMWait, b.RestartWait, b.AT
		c.SweepInterval = time.Hour // Listing has a longer time than a test has.
	}
}

func swept(r *rig) func() bool { return func() bool { return len(r.Status().Memories) > 0 } }

func TestHangThatOnlyAResetEnds(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{}, quick(t))
	becomes(t, "swept", swept(r))
	require.NoError(t, r.sim.Break(fault.Fault{Kind: fault.Hang, End: fault.EndReset}))
	becomes(t, "told to restart", func() bool { return sum(t, r.registry, "resets_total", "restart") >= 1 })
	require.NoError(t, r.sim.Inject("+8613800138000", "back", time.Now()))
	require.Equal(t, "back", r.in.next(t).Body)
	require.GreaterOrEqual(t, sum(t, r.registry, "resets_total", "reinitialise"), 1.0, "the milder thing first")
	require.InDelta(t, 1, r.count(t, "opened_total"), 0, "on the same port")
	require.False(t, r.Status().LastHangTime.IsZero())
}

func TestHangThatOnlyOpeningAnewEnds(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{}, quick(t))
	becomes(t, "swept", swept(r))
	require.NoError(t, r.sim.Break(fault.Fault{Kind: fault.Hang, End: fault.EndReopen}))
	becomes(t, "opened anew", func() bool {
		return sum(t, r.registry, "resets_total", "reopen") >= 1 && r.Status().State == modem.Ready
	})
	require.NoError(t, r.sim.Inject("+8613800138000", "back", time.Now()))
	require.Equal(t, "back", r.in.next(t).Body)
	require.GreaterOrEqual(t, sum(t, r.registry, "resets_total", "restart"), 1.0)
}

// A modem that restarts has forgotten its PIN, which was right and so is sent again.
func TestRestartOfAModemWithAPIN(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{PIN: "4711"}, func(c *modem.Config) {
		quick(t)(c)
		c.PINs = modem.PINFiles{Folder: filepath.Join(t.TempDir(), "pins")}
	})
	becomes(t, "swept", swept(r))
	for n := range 3 {
		require.NoError(t, r.sim.Break(fault.Fault{Kind: fault.Restart}))
		becomes(t, "set up again", func() bool { return r.Status().Resets >= n+1 && r.Status().State == modem.Ready })
	}
	require.Equal(t, 3, r.sim.PINTries())
}

func TestSIMThatIsBusyIsWaitedFor(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{}, func(c *modem.Config) {
		quick(t)(c)
		c.SIMWait = patience
	})
	becomes(t, "swept", swept(r))
	require.NoError(t, r.sim.Break(fault.Fault{Kind: fault.SIMBusy, Next: 4}))
	require.NoError(t, r.sim.Break(fault.Fault{Kind: fault.Restart}))
	becomes(t, "set up again", func() bool { return r.Status().Resets >= 1 && r.Status().State == modem.Ready })
	require.InDelta(t, 1, r.count(t, "opened_total"), 0)
}

func TestNetworkThatIsLostIsLookedFor(t *testing.T) {
	t.Parallel()
	r := start(t, emulator.Config{PIN: "4711"}, func(c *modem.Config) {
		quick(t)(c)
		c.NetworkWait = 50 * time.Millisecond
	})
	becomes(t, "registered", func() bool { return r.Status().Registration == modem.Home })
	require.NoError(t, r.sim.Break(fault.Fault{Kind: fault.NoNetwork, Code: 3}))
	becomes(t, "denied", func() bool { s := r.Status(); return s.Registration == modem.Denied && !s.Lost.IsZero() })
	becomes(t, "looked for", func() bool { return sum(t, r.registry, "resets_total", "select_network") >= 1 })
	becomes(t, "radio switched", func() bool { return sum(t, r.registry, "resets_total", "cycle_radio") >= 1 })
	require.InDelta(t, 0, sum(t, r.registry, "registered"), 0)
	require.NoError(t, r.sim.Heal())
	becomes(t, "found", func() bool {
		s := r.Status()
		return s.Registration == modem.Home && s.Lost.IsZero() && s.State == modem.Ready
	})
	require.Equal(t, 3, r.sim.PINTries())
	require.InDelta(t, 1, r.count(t, "opened_total"), 0)
}

// What only some modems know is asked for, and what they refuse is not asked for again.
func TestVendorsCommandsAreAskedOnceWhereTheyAreRefused(t *testing.T) {
	t.Parallel()
	var line *filter
	r := start(t, emulator.Config{Number: "+8613900000001"}, func(c *modem.Config) {
		quick(t)(c)
		line, c.Open = filtered(c.Open, map[string]string{
			"+CCID":     "\r\nERROR\r\n",
			"+ICCID":    "\r\n+ICCID: 89860012345678901234\r\n\r\nOK\r\n",
			"+CMTE?":    "\r\nERROR\r\n",
			"+CPMUTEMP": "\r\nERROR\r\n",
			"+QTEMP":    "\r\n+QTEMP: 30,41,27\r\n\r\nOK\r\n",
		})
	})
	becomes(t, "polled", func() bool { return line.count("+QTEMP") >= 5 })
	s := r.Status()
	require.InDelta(t, 41, s.Temperature, 0)
	require.Equal(t, "89860012345678901234", s.ICCID)
	require.Equal(t, "+8613900000001", s.Number)
	require.InDelta(t, 41, sum(t, r.registry, "temperature_celsius"), 0)
	require.InDelta(t, 1, sum(t, r.registry, "info", "89860012345678901234"), 0)
	require.NoError(t, r.sim.Break(fault.Fault{Kind: fault.Restart}))
	becomes(t, "set up again", func() bool { return r.Status().Resets >= 1 && r.Status().State == modem.Ready })
	for _, refused := range []string{"+CMTE?", "+CCID", "+CPMUTEMP"} {
		require.Equal(t, 1, line.count(refused), refused)
	}
	require.Zero(t, line.count("^CHIPTEMP?"), "one thermometer is enough")
}

func TestTemperatures(t *testing.T) {
	t.Parallel()
	for ask, c := range map[string]struct {
		answer string
		want   float64
	}{
		"+CMTE?":     {"+CMTE: 0,31.21", 31.21},
		"+CPMUTEMP":  {"+CPMUTEMP: 33", 33},
		"+QTEMP":     {"+QTEMP: \"pa\",\"25\"\r\n+QTEMP: \"cpu\",\"29\"", 29},
		"^CHIPTEMP?": {"^CHIPTEMP: 290,65535,305", 30.5},
		"^SCTM?":     {"^SCTM: 0,0,27", 27},
	} {
		t.Run(ask, func(t *testing.T) {
			t.Parallel()
			r := start(t, emulator.Config{}, func(cfg *modem.Config) {
				quick(t)(cfg)
				_, cfg.Open = filtered(cfg.Open, map[string]string{ask: "\r\n" + c.answer + "\r\n\r\nOK\r\n"})
			})
			becomes(t, "measured", func() bool { return r.Status().Temperature == c.want })
		})
	}
}
