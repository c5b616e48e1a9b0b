package modem_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem"
	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/emulator/fault"
	"waybill/gateway/modem/emulator/profile"
)

// Each maker's modem is unlocked, read, measured and got back after a restart, in the ways that it offers.
func TestModemsOfEveryMaker(t *testing.T) {
	t.Parallel()
	for _, p := range profile.All() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			r := start(t, emulator.Config{Profile: p, PIN: "4711"}, func(c *modem.Config) {
				quick(t)(c)
				c.SweepInterval = 50 * time.Millisecond
			})
			becomes(t, "swept", swept(r))
			require.NoError(t, r.sim.Inject("+8613800138000", "first", time.Now()))
			require.Equal(t, "first", r.in.next(t).Body)
			becomes(t, "empty", r.empty)
			s := r.Status()
			require.Equal(t, p.Maker, s.Maker)
			require.Equal(t, p.Model, s.Model)
			if p.Temperature != "" {
				becomes(t, "measured", func() bool { d := r.Status().Temperature; return 25 < d && d < 35 })
			}
			resets := r.Status().Resets
			require.NoError(t, r.sim.Break(fault.Fault{Kind: fault.Restart}))
			becomes(t, "seen to have restarted", func() bool { return r.Status().Resets > resets })
			require.NoError(t, r.sim.Inject("+8613800138000", "second", time.Now()))
			for text := r.in.next(t); text.Body != "second"; text = r.in.next(t) {
				require.Equal(t, "first", text.Body, "one that was not deleted before a restart comes again")
			}
			becomes(t, "empty", r.empty)
			require.Equal(t, 3, r.sim.PINTries())
		})
	}
}

func TestNoMakersSIMIsLocked(t *testing.T) {
	t.Parallel()
	for _, p := range profile.All() {
		if p.Tries == "" {
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			// Three gateways that know nothing of each other try the same wrong PIN.
			sim := emulator.New(emulator.Config{Profile: p, PIN: "4711"})
			path, err := sim.Start()
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, sim.Close()) })
			for range 3 {
				r := runOn(t, path, func(c *modem.Config) { c.PIN = "0000" })
				becomes(t, "refused", r.state(modem.PINRefused))
				r.stop()
			}
			require.Equal(t, 1, sim.PINTries())
		})
	}
}
