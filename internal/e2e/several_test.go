package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	geov1 "waybill/proto/waybill/geo/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// several is a Waybill of two gateways, two or three tracking processes, and crm.
type several struct {
	*stack
	mqtt    []string          // of the gateways
	metrics map[string]string // HTTP addresses, by process
}

const (
	firstTracking  = "tracking-0"
	secondTracking = "tracking-1"
	thirdTracking  = "tracking-2"
)

// newSeveral starts all but the third tracking process.
func newSeveral(t *testing.T) *several {
	t.Helper()
	s := &several{
		stack: &stack{
			dir: reachableDir(t), http: freeAddress(t), grpc: freeAddress(t),
			processes: make(map[string]*process), arguments: make(map[string][]string),
		},
		metrics: make(map[string]string),
	}
	s.startDatabase(t)
	s.database = s.cluster.URL()
	t.Cleanup(func() { require.NoError(t, s.cluster.Close()) })
	s.waybill(t, "migrate")
	s.admin = s.token(t, "admin")

	tracking := map[string]string{firstTracking: freeAddress(t), secondTracking: freeAddress(t), thirdTracking: freeAddress(t)}
	s.tracking = tracking[firstTracking]
	common := []string{
		"serve", "--no-gazetteer", "--database-url", s.database, "--peer-token", s.token(t, "peer"),
		"--tracking-address", strings.Join([]string{tracking[firstTracking], tracking[secondTracking], tracking[thirdTracking]}, ","),
		"--crm-address", s.grpc,
	}
	add := func(name, http string, more ...string) {
		s.metrics[name] = http
		s.arguments[name] = append(append(append([]string(nil), common...), "--http-address", http), more...)
	}
	for name, address := range tracking {
		add(name, freeAddress(t), "--roles", "tracking", "--grpc-address", address)
	}
	var gateway string
	for i := range 2 {
		gateway = freeAddress(t)
		s.mqtt = append(s.mqtt, freeAddress(t))
		add(fmt.Sprint("gateway-", i), freeAddress(t), "--roles", "gateway", "--grpc-address", gateway, "--mqtt-address", s.mqtt[i])
	}
	add("crm", s.http, "--roles", "crm", "--grpc-address", s.grpc, "--gateway-address", gateway)
	for _, name := range []string{firstTracking, secondTracking, "gateway-0", "gateway-1", "crm"} {
		s.launch(t, name)
	}
	return s
}

// TestTrackingProcessesJoinAndDie has one tracking process join and others killed
// while two gateways spread devices over them: everything acknowledged is stored
// once, what follows from it is stated once, and the fleet's page hears of all.
func TestTrackingProcessesJoinAndDie(t *testing.T) {
	t.Parallel()
	s := newSeveral(t)
	w := s.clients(t)
	const devices, messages = 16, 160
	_, err := trackingv1.NewZoneServiceClient(dial(t, s.tracking, s.admin)).CreateZone(t.Context(), &trackingv1.CreateZoneRequest{
		ZoneId: "yard", Zone: &trackingv1.Zone{DisplayName: "Yard", Area: &geov1.Area{Shape: &geov1.Area_Circle{
			Circle: &geov1.Circle{Center: &geov1.Point{Longitude: 121, Latitude: 31}, Radius: 105},
		}}},
	})
	require.NoError(t, err)
	fleet := make([]*publisher, devices)
	for i := range fleet {
		id := fmt.Sprintf("unit-%03d", i)
		_, err := w.devices.CreateDevice(t.Context(), &trackingv1.CreateDeviceRequest{DeviceId: id, Device: &trackingv1.Device{DisplayName: id}})
		require.NoError(t, err)
		fleet[i] = &publisher{address: s.mqtt[i%2], device: id, password: w.credential(t, id), messages: messages, place: toAndFro}
	}
	watch := s.watchFleet(t)

	ctx, cancel := context.WithTimeoutCause(t.Context(), 3*patience, fmt.Errorf("the fleet did not get through"))
	defer cancel()
	start := time.Now().Add(-2 * time.Hour).Truncate(time.Second)
	progress := make(chan struct{}, devices*messages)
	var all sync.WaitGroup
	for _, p := range fleet {
		all.Go(func() { p.run(ctx, start, func() { progress <- struct{}{} }) })
	}
	seen := 0
	after := func(share float64) {
		for ; seen < int(share*devices*messages); seen++ {
			select {
			case <-progress:
			case <-ctx.Done():
				t.Fatal(context.Cause(ctx))
			}
		}
	}
	after(0.2)
	s.launch(t, thirdTracking)
	after(0.4)
	s.processes[firstTracking].kill(t)
	after(0.6)
	require.Positive(t, s.stored(t, thirdTracking), "it has taken its share")
	s.processes[firstTracking] = launch(t, s.arguments[firstTracking]...)
	after(0.8)
	s.processes[secondTracking].kill(t)
	after(1)
	all.Wait()
	require.NoError(t, context.Cause(ctx))

	last := start.Add((messages - 1) * time.Second)
	for _, p := range fleet {
		watch.await(t, p.device, last)
	}
	s.processes[secondTracking] = launch(t, s.arguments[secondTracking]...)
	require.Positive(t, s.stored(t, firstTracking)+s.stored(t, thirdTracking))
	s.expectOnce(t, fleet, start)
}

// toAndFro is a unit that crosses the yard, 19 m from message to message, turns and
// comes back. It never is within 9 m of the yard's border.
func toAndFro(n int) (lon, lat float64) {
	const turn = 20
	way := n % (2 * turn)
	if way > turn {
		way = 2*turn - way
	}
	return 121 + float64(way-turn/2)/5_000, 31
}

// expectOnce compares what is stored with what was sent.
func (s *several) expectOnce(t *testing.T, fleet []*publisher, start time.Time) {
	t.Helper()
	pool := s.pool(t)
	for _, p := range fleet {
		var stored, times int
		require.NoError(t, pool.QueryRow(t.Context(), `
			select count(*), count(distinct fix_time) from tracking.position
			join tracking.device on device.id = device_id where uid = $1`, p.device).Scan(&stored, &times))
		require.Equal(t, p.messages, stored, p.device)
		require.Equal(t, p.messages, times, p.device)

		var expected []string
		inside := false
		for n := range p.messages {
			lon, _ := p.place(n)
			now := math.Abs(lon-121)*111_195*math.Cos(31*math.Pi/180) < 105
			at := start.Add(time.Duration(n) * time.Second).Unix()
			switch {
			case now && !inside:
				expected = append(expected, fmt.Sprint("arrived ", at))
			case inside && !now:
				expected = append(expected, fmt.Sprint("departed ", at))
			}
			inside = now
		}
		require.NotEmpty(t, expected)
		rows, err := pool.Query(t.Context(), `
			select t.kind || ' ' || extract(epoch from t.time)::bigint
			from tracking.transition t join tracking.device d on d.id = t.device_id
			where d.uid = $1 and t.kind in ('arrived', 'departed') order by t.time, t.kind`, p.device)
		require.NoError(t, err)
		var stated []string
		for rows.Next() {
			var one string
			require.NoError(t, rows.Scan(&one))
			stated = append(stated, one)
		}
		require.NoError(t, rows.Err())
		require.Equal(t, expected, stated, p.device)
	}
}

// stored is how many fixes a tracking process says that it has stored.
func (s *several) stored(t *testing.T, name string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.metrics[name]+"/metrics", nil)
	require.NoError(t, err)
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), `waybill_tracking_fixes_total{outcome="stored"} `); ok {
			n, err := strconv.Atoi(value)
			require.NoError(t, err)
			return n
		}
	}
	return 0
}

// fleetWatch is an open page of the fleet.
type fleetWatch struct {
	mu      sync.Mutex
	newest  map[string]time.Time // guarded by mu; by device
	changed chan struct{}        // guarded by mu; closed and made anew with each event
}

// watchFleet reads what the page of the fleet is told, until the test ends.
func (s *several) watchFleet(t *testing.T) *fleetWatch {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.http+"/v1/positions:watch", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+s.admin)
	client := new(http.Client)
	response, err := client.Do(request)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	w := &fleetWatch{newest: make(map[string]time.Time), changed: make(chan struct{})}
	var reading sync.WaitGroup
	reading.Go(func() {
		defer response.Body.Close()
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				w.take(data)
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		reading.Wait()
		client.CloseIdleConnections()
	})
	return w
}

func (w *fleetWatch) take(data string) {
	var event struct {
		Positions []struct {
			Device string
			Fix    struct{ FixTime time.Time }
		}
	}
	if json.Unmarshal([]byte(data), &event) != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range event.Positions {
		w.newest[strings.TrimPrefix(p.Device, "devices/")] = p.Fix.FixTime
	}
	close(w.changed)
	w.changed = make(chan struct{})
}

// await waits until the page knows the device at the time.
func (w *fleetWatch) await(t *testing.T, device string, at time.Time) {
	t.Helper()
	patient := time.After(patience)
	for {
		w.mu.Lock()
		newest, changed := w.newest[device], w.changed
		w.mu.Unlock()
		if newest.Equal(at) {
			return
		}
		select {
		case <-changed:
		case <-patient:
			t.Fatalf("the page has %s at %v, not at %v", device, newest, at)
		}
	}
}
