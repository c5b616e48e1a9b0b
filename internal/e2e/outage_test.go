package e2e_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"
	"github.com/stretchr/testify/require"

	trackingv1 "waybill/proto/waybill/tracking/v1"
)

func rss(t *testing.T, p *process) int {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	require.NoError(t, err)
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			require.NoError(t, err)
			return n
		}
	}
	return 0
}

func TestOutageExperiment(t *testing.T) {
	w := newStackOn(t, true).world(t)
	const devices = 60
	ctx, cancel := context.WithTimeout(t.Context(), 10*patience)
	defer cancel()
	start := time.Now().Add(-24 * time.Hour).Truncate(time.Second)
	var total atomic.Int64
	counts := make([]atomic.Int64, devices)
	var fleet sync.WaitGroup
	for i := range devices {
		id := fmt.Sprintf("stop-%03d", i)
		_, err := w.devices.CreateDevice(ctx, &trackingv1.CreateDeviceRequest{DeviceId: id, Device: &trackingv1.Device{DisplayName: id}})
		require.NoError(t, err)
		p := &publisher{address: w.mqtt, device: id, password: w.credential(t, id), messages: 1_000_000}
		fleet.Go(func() { p.run(ctx, start, func() { counts[i].Add(1); total.Add(1) }) })
	}
	report := func(what string) {
		for role, p := range w.processes {
			t.Logf("%s: %s rss %d MB, acked %d", what, role, rss(t, p)/1024, total.Load())
		}
	}
	time.Sleep(4 * time.Second)
	report("before")
	for range 1 {
		signalDatabase(t, w.stack, syscall.SIGSTOP)
		report("frozen")
		for range 5 {
			time.Sleep(5 * time.Second)
			o := mqtt.NewClientOptions().AddBroker("tcp://" + w.mqtt).SetClientID("x").SetUsername(w.device).SetPassword(w.password).SetAutoReconnect(false).SetConnectTimeout(15 * time.Second)
			c := mqtt.NewClient(o)
			began := time.Now()
			tok := c.Connect()
			tok.Wait()
			t.Logf("connect: %v (unavailable: %v) in %v", tok.Error(), tok.Error() == packets.ErrorRefusedServerUnavailable, time.Since(began))
			c.Disconnect(0)
			report("down")
			began = time.Now()
			code, body := w.get(t, "", "/readyz")
			t.Logf("%d %s in %v", code, body, time.Since(began))
		}
		signalDatabase(t, w.stack, syscall.SIGCONT)
		back := total.Load()
		began := time.Now()
		require.Eventually(t, func() bool { return total.Load() > back+500 }, 60*time.Second, 10*time.Millisecond)
		t.Logf("back after %v", time.Since(began))
	}
	// hung, not dead
	time.Sleep(3 * time.Second)
	report("after")
	cancel()
	fleet.Wait()
	pool := w.pool(t)
	for i := range devices {
		var stored int64
		require.NoError(t, pool.QueryRow(t.Context(), `
			select count(*) from tracking.position join tracking.device on device.id = device_id where uid = $1`,
			fmt.Sprintf("stop-%03d", i)).Scan(&stored))
		acknowledged := counts[i].Load()
		require.LessOrEqual(t, acknowledged, stored)
		require.LessOrEqual(t, stored, acknowledged+1, "one at most was in hand")
	}
}

func signalDatabase(t *testing.T, s *stack, sig syscall.Signal) {
	t.Helper()
	raw, err := os.ReadFile(s.data() + "/postgres/postmaster.pid")
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(raw), "\n")
	pids := []string{strings.TrimSpace(first)}
	children, err := os.ReadFile("/proc/" + pids[0] + "/task/" + pids[0] + "/children")
	require.NoError(t, err)
	pids = append(pids, strings.Fields(string(children))...)
	for _, p := range pids {
		n, _ := strconv.Atoi(p)
		_ = syscall.Kill(n, sig)
	}
}
