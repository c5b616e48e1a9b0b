package modem_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"waybill/gateway/modem"
	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/emulator/profile"
)

// poolRig is a pool over a folder in which modems come and go.
type poolRig struct {
	*modem.Pool
	folder   string
	in       *inbox
	registry *prometheus.Registry
}

func startPool(t *testing.T, paths ...string) *poolRig {
	t.Helper()
	r := &poolRig{folder: t.TempDir(), in: newInbox(), registry: prometheus.NewRegistry()}
	metrics, err := modem.NewMetrics(r.registry)
	require.NoError(t, err)
	for i := range paths {
		paths[i] = filepath.Join(r.folder, paths[i])
	}
	template := brisk(t)
	template.Handler, template.Metrics = r.in, metrics
	r.run(t, modem.PoolConfig{Paths: paths, Scan: 20 * time.Millisecond, Modem: template})
	return r
}

// run runs the pool until the test ends.
func (r *poolRig) run(t *testing.T, cfg modem.PoolConfig) {
	t.Helper()
	var err error
	r.Pool, err = modem.NewPool(cfg)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
}

// plug puts an emulated modem in.
func (r *poolRig) plug(t *testing.T, name string, n int) *emulator.Emulator {
	t.Helper()
	sim := emulator.New(emulator.Config{
		Link: filepath.Join(r.folder, name), IMEI: fmt.Sprintf("35284802502%04d", n), IMSI: fmt.Sprintf("4600000000%05d", n),
	})
	_, err := sim.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	return sim
}

func (r *poolRig) is(name string, state modem.State) func() bool {
	return func() bool {
		m := r.Modem(name)
		return m != nil && m.Status().State == state
	}
}

func TestModemsComeAndGo(t *testing.T) {
	t.Parallel()
	r := startPool(t, "usb-*-port0")
	require.ErrorContains(t, r.Check(), "plug one in")
	first := r.plug(t, "usb-A-port0", 1)
	r.plug(t, "usb-A-port1", 1) // Another port of it, which the pattern leaves out.
	becomes(t, "the first is ready", r.is("usb-A-port0", modem.Ready))
	r.plug(t, "usb-B-port0", 2)
	becomes(t, "the second is ready", r.is("usb-B-port0", modem.Ready))
	require.Len(t, r.Modems(), 2)
	require.NoError(t, r.Check())
	require.Empty(t, r.Deaf())

	require.NoError(t, first.Unplug())
	becomes(t, "seen to be gone", r.is("usb-A-port0", modem.Unplugged))
	require.Len(t, r.Ready(), 1)
	require.NoError(t, r.Check(), "one receives")
	require.Len(t, r.Deaf(), 1)
	require.Contains(t, r.Deaf()[0], "usb-A-port0 is unplugged since")

	require.NoError(t, first.Plug())
	becomes(t, "ready again", r.is("usb-A-port0", modem.Ready))
	require.NoError(t, first.Inject("+8613800138000", "back", time.Now()))
	require.Equal(t, "usb-A-port0", r.in.next(t).Modem)
	require.Len(t, r.Modems(), 2)
}

func TestReenumeratedModemIsTheSame(t *testing.T) {
	t.Parallel()
	r := startPool(t, "usb-*")
	sim := r.plug(t, "usb-A", 1)
	becomes(t, "ready", r.is("usb-A", modem.Ready))
	before := sim.Path()
	require.NoError(t, sim.Reenumerate(50*time.Millisecond))
	becomes(t, "opened by its path again", func() bool {
		return sum(t, r.registry, "opened_total") >= 2 && r.is("usb-A", modem.Ready)()
	})
	require.NotEmpty(t, before)
	require.Len(t, r.Modems(), 1)
	require.NoError(t, sim.Inject("+8613800138000", "still here", time.Now()))
	require.Equal(t, "still here", r.in.next(t).Body)
}

func TestNamedModemIsMissedBeforeItIsThere(t *testing.T) {
	t.Parallel()
	r := startPool(t, "usb-A")
	becomes(t, "missed", r.is("usb-A", modem.Unplugged))
	require.ErrorContains(t, r.Check(), "usb-A is unplugged")
	r.plug(t, "usb-A", 1)
	becomes(t, "ready", r.is("usb-A", modem.Ready))
}

func TestAnotherPortOfAModemIsLeftAlone(t *testing.T) {
	t.Parallel()
	r := startPool(t, "usb-*")
	first := r.plug(t, "usb-A-port0", 1)
	becomes(t, "ready", r.is("usb-A-port0", modem.Ready))
	r.plug(t, "usb-A-port1", 1)
	becomes(t, "seen to be the same", r.is("usb-A-port1", modem.Double))
	require.Contains(t, r.Modem("usb-A-port1").Status().LastError, "usb-A-port0")
	require.NoError(t, first.Unplug())
	becomes(t, "used when the other is gone", r.is("usb-A-port1", modem.Ready))
}

// A stick shows the same SIM at each of its ports, and they are plugged in together: a wrong PIN is sent by one of them.
func TestWrongPINIsSentByOnePortAlone(t *testing.T) {
	t.Parallel()
	for _, made := range []profile.Profile{profile.Plain(), profile.Quectel()} {
		folder := t.TempDir()
		var ports []*emulator.Emulator
		for n := range 4 {
			port := emulator.New(emulator.Config{Link: filepath.Join(folder, fmt.Sprintf("usb-%d", n)), Profile: made, PIN: "4711"})
			_, err := port.Start()
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, port.Close()) })
			ports = append(ports, port)
		}
		r := &poolRig{folder: folder}
		template := brisk(t)
		template.Handler, template.PIN = newInbox(), "0000"
		r.run(t, modem.PoolConfig{Paths: []string{filepath.Join(folder, "usb-*")}, Scan: 20 * time.Millisecond, Modem: template})
		for n := range ports {
			becomes(t, "refused", r.is(fmt.Sprintf("usb-%d", n), modem.PINRefused))
		}
		left := 0
		for _, port := range ports {
			left += port.PINTries()
		}
		require.Equal(t, 3*len(ports)-1, left, made.Name)
	}
}

func TestPatternThatIsNone(t *testing.T) {
	t.Parallel()
	_, err := modem.NewPool(modem.PoolConfig{Paths: []string{"/dev/[a"}})
	require.ErrorContains(t, err, "brackets")
}

func TestModemsOfTheSameNameAreToldApart(t *testing.T) {
	t.Parallel()
	template := brisk(t)
	template.Handler = newInbox()
	p, err := modem.NewPool(modem.PoolConfig{Paths: []string{"/dev/a/modem", "/dev/b/modem"}, Modem: template})
	require.NoError(t, err)
	require.Equal(t, "modem", p.Modems()[0].Name())
	require.Equal(t, "dev-b-modem", p.Modems()[1].Name())
	require.True(t, p.Covers("/dev/b/modem"))
	require.False(t, p.Covers("/dev/c/modem"))
}
