package e2e_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/emulator/fault"
	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// TestTextsSoak has units text through four modems that fail in every way that a modem does, while the gateway is
// killed: every fix is stored once and where it was, every long text is read whole, what can't become a fix is listed
// with its reason as often as it came, and the SIMs end empty.
func TestTextsSoak(t *testing.T) {
	t.Parallel()
	c := talk(t, *soakSeed, *soakTexts)
	r := newRadio(t)
	began := time.Now()
	r.play(t, c, func(ctx context.Context, progress *progress) {
		for left := *soakKills; left > 0; left-- {
			n := rand.IntN(2*progress.left/(left+1) + 1) //nolint:gosec // chance, not secrecy
			require.NoError(t, progress.wait(ctx, n, r.ended()))
			r.crash(t, r.gateway())
		}
	})
	read := time.Since(began)
	r.giveUp(t, c)
	t.Logf("%d texts, %d of them long, in %d messages; %d fixes, %d rejected; %d kills; faults %v; all read after %v",
		c.texts, c.long, r.messages, len(c.fixes), len(c.refused), *soakKills, r.faults, read.Round(time.Second))
	r.expect(t, c)
}

// radio is a Waybill with modems.
type radio struct {
	*world
	sims     []*emulator.Emulator
	messages int
	faults   map[fault.Kind]int
	pauses   time.Duration // Between faults of one modem.
}

func newRadio(t *testing.T, args ...string) *radio {
	t.Helper()
	r := &radio{faults: map[fault.Kind]int{}, pauses: *soakFaults}
	dir := t.TempDir()
	args = append([]string{"--modem-sweep", "1s"}, args...)
	for i := range soakModems {
		sim := emulator.New(emulator.Config{
			Link: filepath.Join(dir, fmt.Sprintf("modem%d", i)),
			IMSI: fmt.Sprintf("46000%010d", i), IMEI: fmt.Sprintf("35209900176148%d", i),
			Memories: []emulator.Memory{{Name: "SM", Capacity: 20, First: i % 2}, {Name: "ME", Capacity: 50, First: 1}},
			Logger:   slog.New(slog.DiscardHandler),
		})
		path, err := sim.Start()
		require.NoError(t, err)
		r.sims = append(r.sims, sim)
		args = append(args, "--modem-path", path)
	}
	r.world = newStackOn(t, true, args...).clients(t)
	t.Cleanup(func() { // After the gateway, which has the ports open.
		for _, sim := range r.sims {
			require.NoError(t, sim.Close())
		}
	})
	for n := range soakUnits {
		_, err := r.devices.CreateDevice(t.Context(), &trackingv1.CreateDeviceRequest{
			DeviceId: unitName(n), Device: &trackingv1.Device{DisplayName: unitName(n), Phone: unitPhone(n)},
		})
		require.NoError(t, err)
	}
	return r
}

// play has everything come in, does the rest meanwhile, and waits until it is read.
func (r *radio) play(t *testing.T, c *chatter, meanwhile func(context.Context, *progress)) {
	t.Helper()
	total := 0
	for _, a := range c.arrivals {
		total += len(a)
	}
	r.messages += total
	ctx, cancel := context.WithTimeout(t.Context(), 5*patience+time.Duration(total)*patience/1000+time.Duration(*soakKills)*patience/3)
	defer cancel()
	progress := &progress{steps: make(chan struct{}, total), left: total}
	harassing, calm := context.WithCancel(ctx)
	defer calm()
	var all, trouble sync.WaitGroup
	var mu sync.Mutex
	for i, sim := range r.sims {
		all.Go(func() { feed(ctx, sim, c.arrivals[i], progress.steps) })
		trouble.Go(func() {
			drawer := fault.NewDrawer(*soakSeed + uint64(i)) //nolint:gosec // small
			drawer.Longest = r.pauses
			r.harass(harassing, sim, drawer, &mu)
		})
	}
	meanwhile(ctx, progress)
	require.NoError(t, progress.wait(ctx, progress.left, r.ended()))
	all.Wait()
	calm()
	trouble.Wait()
	r.awaitRead(t)
}

// harass breaks a modem every so often, and heals it in the end.
func (r *radio) harass(ctx context.Context, sim *emulator.Emulator, drawer *fault.Drawer, mu *sync.Mutex) {
	tick := time.NewTicker(r.pauses)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			_ = sim.Heal() // It fails only where the modem is closed.
			return
		case <-tick.C:
		}
		f := drawer.Draw()
		mu.Lock()
		r.faults[f.Kind]++
		mu.Unlock()
		_ = sim.Break(f) // One that is unplugged can't be unplugged.
	}
}

// feed has messages come in while there is room, a step for each.
func feed(ctx context.Context, sim *emulator.Emulator, messages []emulator.Message, steps chan<- struct{}) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for _, m := range messages {
		for sim.Waiting() > 20 {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
		times := 1
		if m.Text == again {
			times, m.Text = 2, ""
		}
		for range times {
			_ = sim.Deliver(m) // The network's bound is far.
		}
		steps <- struct{}{}
	}
}

// awaitRead waits until the SIMs are empty and no whole long text waits.
func (r *radio) awaitRead(t *testing.T) {
	t.Helper()
	pool := r.pool(t)
	require.Eventually(t, func() bool {
		left := 0
		for _, sim := range r.sims {
			left += sim.Waiting() + sim.Stored("SM") + sim.Stored("ME")
		}
		var waiting int
		err := pool.QueryRow(t.Context(), `select count(*) from gateway.long_text where missing = 0 and done_time is null`).Scan(&waiting)
		return err == nil && left+waiting == 0
	}, 4*patience, 50*time.Millisecond, "the SIMs did not get empty")
}

// giveUp has texts come of which a part is missing, and waits for no part.
func (r *radio) giveUp(t *testing.T, c *chatter) {
	t.Helper()
	for _, m := range c.lacking {
		require.NoError(t, r.sims[0].Deliver(m))
		r.messages++
	}
	r.awaitRead(t)
	r.relaunch(t, r.gateway(), "--modem-parts-wait", "1s")
	pool := r.pool(t)
	require.Eventually(t, func() bool {
		var waiting int
		err := pool.QueryRow(t.Context(), `select count(*) from gateway.long_text where missing > 0 and given_up_time is null`).Scan(&waiting)
		return err == nil && waiting == 0
	}, patience, 50*time.Millisecond, "nothing was given up")
}

// expect compares what is stored with what was sent.
func (r *radio) expect(t *testing.T, c *chatter) {
	t.Helper()
	pool := r.pool(t)
	rows, err := pool.Query(t.Context(), `
		select d.uid, extract(epoch from p.fix_time)::bigint, st_x(p.geom), st_y(p.geom)
		from tracking.position p join tracking.device d on d.id = p.device_id`)
	require.NoError(t, err)
	wanted := maps.Clone(c.fixes)
	var at place
	var lon, lat float64
	_, err = pgx.ForEachRow(rows, []any{&at.unit, &at.time, &lon, &lat}, func() error {
		want, ok := wanted[at]
		require.True(t, ok, "nobody sent %v", at)
		require.InDelta(t, want[0], lon, 1e-9, "longitude of %v", at)
		require.InDelta(t, want[1], lat, 1e-9, "latitude of %v", at)
		delete(wanted, at)
		return nil
	})
	require.NoError(t, err)

	rows, err = pool.Query(t.Context(), `select sender, reason, payload, count from gateway.rejected_input`)
	require.NoError(t, err)
	refused := maps.Clone(c.refused)
	var got refusal
	var payload []byte
	var count int
	_, err = pgx.ForEachRow(rows, []any{&got.sender, &got.reason, &payload, &count}, func() error {
		got.payload = string(payload)
		if got.reason == "incomplete_text" {
			require.True(t, strings.HasPrefix(got.payload, "\n[part 1 of "), "%q", got.payload)
			got.payload = ""
		}
		if refused[got] -= count; refused[got] == 0 {
			delete(refused, got)
		}
		return nil
	})
	require.NoError(t, err)
	require.Empty(t, refused, "rejected texts that are not listed, or listed though nobody sent them (below zero)")
	require.Empty(t, wanted, "fixes that were lost")
	for _, sim := range r.sims {
		require.Zero(t, sim.Waiting()+sim.Stored("SM")+sim.Stored("ME"), "the SIMs are empty")
	}
}
