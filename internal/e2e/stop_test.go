package e2e_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// A server that is told to stop under load ends well, and what it acknowledged on
// the way out is stored.
func TestStopUnderLoad(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const devices, messages, stops = 20, 1_000_000, 3
	ctx, cancel := context.WithTimeout(t.Context(), 10*patience)
	defer cancel()
	start := time.Now().Add(-24 * time.Hour).Truncate(time.Second)
	counts := make([]atomic.Int64, devices)
	progress := make(chan struct{}, devices)
	var fleet sync.WaitGroup
	for i := range devices {
		id := fmt.Sprintf("stop-%03d", i)
		_, err := w.devices.CreateDevice(ctx, &trackingv1.CreateDeviceRequest{DeviceId: id, Device: &trackingv1.Device{DisplayName: id}})
		require.NoError(t, err)
		p := &publisher{address: w.mqtt, device: id, password: w.credential(t, id), messages: messages}
		fleet.Go(func() {
			p.run(ctx, start, func() {
				counts[i].Add(1)
				select {
				case progress <- struct{}{}:
				case <-ctx.Done():
				}
			})
		})
	}
	for range stops {
		for _, role := range w.roles() {
			for range 300 {
				<-progress
			}
			var draining sync.WaitGroup
			stopped := make(chan struct{})
			draining.Go(func() {
				for {
					select {
					case <-progress:
					case <-stopped:
						return
					}
				}
			})
			began := time.Now()
			require.NoError(t, w.processes[role].stop(), "code 0, and in time")
			t.Logf("%s stopped in %v", role, time.Since(began))
			close(stopped)
			draining.Wait()
			w.processes[role] = launch(t, w.arguments[role]...)
		}
	}
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
