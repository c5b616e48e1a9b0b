package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/paulmach/orb"
	"google.golang.org/grpc"

	"waybill/gateway/mqtt/unit"
	"waybill/internal/lifecycle"
	accessv1 "waybill/proto/waybill/access/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// LiveConfig says where the Waybill is, and how many watch how many.
type LiveConfig struct {
	// API is a connection with an admin's token.
	API grpc.ClientConnInterface
	// HTTP is the address of the pages, with its scheme.
	HTTP string
	// MQTT is HOST:PORT of the endpoint.
	MQTT string
	// Units report once a second each; Subscribers each watch all of them.
	Units, Subscribers int
	// Seconds is for how long.
	Seconds int
	Log     *slog.Logger
}

// Live is how positions reached those who watch.
type Live struct {
	// Sent is how many fixes were sent, Told how many positions reached a subscriber: a
	// slow one gets the newest of each vehicle, and so fewer than Sent each.
	Sent, Told int
	// Delay is from the time of the fix, when it was sent, until a subscriber had it.
	Delay []time.Duration
}

// streamsEach is how many streams are opened with one token: a server lets in 500.
const streamsEach = 400

// Fanout has units report while subscribers have the fleet's stream open.
func Fanout(ctx context.Context, config LiveConfig) (Live, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	units, err := config.units(ctx)
	defer func() {
		for _, u := range units {
			u.Close()
		}
	}()
	if err != nil {
		return Live{}, err
	}
	f := &fanout{config: config, begin: time.Now(), browser: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: -1}}}
	defer f.browser.CloseIdleConnections()
	var reading sync.WaitGroup
	defer reading.Wait()
	defer cancel() // before the wait
	if err := f.subscribe(ctx, &reading); err != nil {
		return Live{}, err
	}
	return f.report(ctx, units)
}

// units makes devices and their units.
func (c LiveConfig) units(ctx context.Context) ([]*unit.Unit, error) {
	devices := trackingv1.NewDeviceServiceClient(c.API)
	units := make([]*unit.Unit, 0, c.Units)
	for i := range c.Units {
		id := fmt.Sprintf("live-%d-%d", c.Subscribers, i)
		if _, err := devices.CreateDevice(ctx, &trackingv1.CreateDeviceRequest{DeviceId: id, Device: &trackingv1.Device{}}); err != nil {
			return units, fmt.Errorf("make a device: %w", err)
		}
		issued, err := devices.RotateDeviceCredential(ctx, &trackingv1.RotateDeviceCredentialRequest{Name: "devices/" + id})
		if err != nil {
			return units, fmt.Errorf("issue a password: %w", err)
		}
		units = append(units, unit.New(unit.Config{Address: c.MQTT, Device: id, Password: issued.GetPassword(), Log: c.Log}))
	}
	return units, nil
}

type fanout struct {
	config  LiveConfig
	begin   time.Time
	browser *http.Client

	mu   sync.Mutex
	live Live // guarded by mu
}

// subscribe opens the streams and returns when all have what held at first.
func (f *fanout) subscribe(ctx context.Context, reading *sync.WaitGroup) error {
	tokens := accessv1.NewTokenServiceClient(f.config.API)
	var secret string
	opened := make(chan error, f.config.Subscribers)
	for i := range f.config.Subscribers {
		if i%streamsEach == 0 {
			created, err := tokens.CreateToken(ctx, &accessv1.CreateTokenRequest{Token: &accessv1.Token{Role: accessv1.Role_ROLE_DISPATCHER, DisplayName: "bench"}})
			if err != nil {
				return fmt.Errorf("issue a token: %w", err)
			}
			secret = created.GetSecret()
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.config.HTTP+"/v1/positions:watch", nil)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+secret)
		reading.Go(func() { f.read(request, opened) })
		// One after the other: a thousand logins at once are another measurement.
		if err := <-opened; err != nil {
			return fmt.Errorf("open a stream: %w", err)
		}
	}
	return nil
}

// read reads a stream until its context ends.
func (f *fanout) read(request *http.Request, opened chan<- error) {
	response, err := f.browser.Do(request)
	if err != nil {
		opened <- err
		return
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		opened <- fmt.Errorf("status %s", response.Status)
		return
	}
	first := true
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		if data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: ")); ok {
			f.take(data)
			if first {
				first = false
				opened <- nil
			}
		}
	}
}

// take notes the delays of the positions in an event.
func (f *fanout) take(data []byte) {
	now := time.Now()
	var delays []time.Duration
	for {
		_, rest, found := bytes.Cut(data, []byte(`"fixTime":"`))
		if !found {
			break
		}
		end := bytes.IndexByte(rest, '"')
		if end < 0 {
			break
		}
		if at, err := time.Parse(time.RFC3339Nano, string(rest[:end])); err == nil && at.After(f.begin) {
			delays = append(delays, now.Sub(at))
		}
		data = rest[end:]
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.live.Told += len(delays)
	f.live.Delay = append(f.live.Delay, delays...)
}

// report has the units report, spread over each second.
func (f *fanout) report(ctx context.Context, units []*unit.Unit) (Live, error) {
	start := time.Now()
	failed := make(chan error, len(units))
	for i, u := range units {
		go func() { failed <- f.drive(ctx, u, i, start) }()
	}
	var err error
	for range units {
		if e := <-failed; e != nil && err == nil {
			err = e
		}
	}
	if err != nil {
		return Live{}, err
	}
	// What is under way still arrives.
	if err := lifecycle.Pause(ctx, time.Second); err != nil {
		return Live{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.live.Sent = len(units) * f.config.Seconds
	return f.live, nil
}

func (f *fanout) drive(ctx context.Context, u *unit.Unit, i int, start time.Time) error {
	phase := time.Duration(i) * time.Second / time.Duration(f.config.Units)
	for second := range f.config.Seconds {
		if err := lifecycle.Pause(ctx, time.Until(start.Add(phase+time.Duration(second)*time.Second))); err != nil {
			return err
		}
		place := orb.Point{100 + float64(i)/10, 30 + float64(second)/10_000}
		if err := u.Send(ctx, []tracking.Fix{tracking.NewFix(time.Now(), place)}); err != nil {
			return err
		}
	}
	return nil
}
