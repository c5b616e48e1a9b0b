package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/stretchr/testify/require"

	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// kills is how often each of the server and PostgreSQL is killed.
const kills = 5

// TestAcknowledgedIsStoredOnce publishes from many clients while the server and
// PostgreSQL are killed, and compares what was acknowledged with what is stored.
func TestAcknowledgedIsStoredOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fleet := make([]*publisher, *clients)
	for i := range fleet {
		id := fmt.Sprintf("crash-%03d", i)
		_, err := w.devices.CreateDevice(t.Context(), &trackingv1.CreateDeviceRequest{DeviceId: id, Device: &trackingv1.Device{DisplayName: id}})
		require.NoError(t, err)
		fleet[i] = &publisher{address: w.mqtt, device: id, password: w.credential(t, id), messages: *crashes / *clients}
	}

	var acknowledged atomic.Int64
	progress := make(chan struct{}, *crashes)
	ctx, cancel := context.WithTimeoutCause(t.Context(), 10*patience, fmt.Errorf("the fleet did not get through"))
	defer cancel()
	start := time.Now().Add(-2 * time.Hour).Truncate(time.Second)
	var all sync.WaitGroup
	for _, p := range fleet {
		all.Go(func() {
			p.run(ctx, start, func() {
				acknowledged.Add(1)
				progress <- struct{}{}
			})
		})
	}

	// Kill at random points of the progress, not of the clock: each time after
	// some share of the messages was acknowledged.
	total := *crashes / *clients * *clients
	seen := 0
	for i := range 2 * kills {
		until := (i + 1) * total / (2*kills + 2)
		ended := w.ended()
		until += rand.IntN(total / (4 * kills)) //nolint:gosec // chance, not secrecy
		for seen < until {
			select {
			case <-progress:
				seen++
			case <-ended:
				t.Fatal("a server ended that nobody stopped")
			case <-ctx.Done():
				t.Fatal(context.Cause(ctx))
			}
		}
		if i%2 == 0 {
			// One after the other, so that each role has its turn.
			w.crash(t, w.roles()[i/2%len(w.roles())])
		} else {
			w.crashDatabase(t)
		}
	}
	through := make(chan struct{})
	go func() {
		defer close(through)
		all.Wait()
	}()
	select {
	case <-through:
	case <-w.ended():
		t.Fatal("a server ended that nobody stopped")
	}
	require.NoError(t, context.Cause(ctx))
	require.Equal(t, int64(total), acknowledged.Load())

	pool := w.pool(t)
	for i, p := range fleet {
		rows, err := pool.Query(t.Context(), `
			select extract(epoch from fix_time)::bigint
			from tracking.position join tracking.device on device.id = device_id where uid = $1`, p.device)
		require.NoError(t, err)
		stored := make(map[int64]int)
		for rows.Next() {
			var at int64
			require.NoError(t, rows.Scan(&at))
			stored[at]++
		}
		require.NoError(t, rows.Err())
		require.Len(t, stored, p.messages, "device %d", i)
		for n := range p.messages {
			require.Equal(t, 1, stored[start.Add(time.Duration(n)*time.Second).Unix()], "device %d, message %d", i, n)
		}
	}
}

// publisher is a device that sends each message until it is acknowledged.
type publisher struct {
	address, device, password string
	messages                  int
	// place is where the unit is at a message, longitude and latitude; on its way
	// east when nil.
	place func(n int) (lon, lat float64)
}

func (p *publisher) payload(start time.Time, n int) string {
	lon, lat := 120+float64(n)/10_000, 31.0
	if p.place != nil {
		lon, lat = p.place(n)
	}
	return ownTracks(start.Add(time.Duration(n)*time.Second), lon, lat)
}

func (p *publisher) run(ctx context.Context, start time.Time, acknowledged func()) {
	next := 0
	for next < p.messages && ctx.Err() == nil {
		lost := make(chan struct{})
		client := p.connect(ctx, lost)
		if client == nil {
			continue
		}
		for next < p.messages {
			token := client.Publish("owntracks/"+p.device+"/x", 1, false, p.payload(start, next))
			select {
			case <-token.Done():
			case <-lost:
			case <-ctx.Done():
			}
			// A token is done with no error only when its PUBACK came.
			select {
			case <-token.Done():
				if token.Error() == nil {
					acknowledged()
					next++
					continue
				}
			default:
			}
			break
		}
		client.Disconnect(0)
	}
}

// connect gives nil when the server is away just now.
func (p *publisher) connect(ctx context.Context, lost chan struct{}) mqtt.Client {
	var once sync.Once
	options := mqtt.NewClientOptions().AddBroker("tcp://" + p.address).SetClientID(p.device).
		SetUsername(p.device).SetPassword(p.password).SetAutoReconnect(false).SetCleanSession(true).
		SetConnectTimeout(2 * time.Second).SetKeepAlive(5 * time.Second).
		SetConnectionLostHandler(func(mqtt.Client, error) { once.Do(func() { close(lost) }) })
	client := mqtt.NewClient(options)
	token := client.Connect()
	select {
	case <-token.Done():
	case <-ctx.Done():
	}
	if token.Error() == nil && ctx.Err() == nil {
		return client
	}
	// Give a server that restarts a breath before the next knock.
	breath := time.NewTimer(50 * time.Millisecond)
	defer breath.Stop()
	select {
	case <-breath.C:
	case <-ctx.Done():
	}
	return nil
}
