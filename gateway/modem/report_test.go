package modem_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem"
	"waybill/gateway/modem/at"
	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/emulator/profile"
	"waybill/gateway/modem/sms"
)

const report = "0006550B911346610089F6208062917314082080629173140800"

// reportBox takes reports, and refuses the first of them.
type reportBox struct {
	taken chan modem.Report

	mu      sync.Mutex
	refused bool // Guarded by mu.
}

func (b *reportBox) HandleReport(_ context.Context, r modem.Report) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.refused {
		b.refused = true
		return errors.New("the database is away")
	}
	b.taken <- r
	return nil
}

func TestReportsOnTheLineWaitForTheHandler(t *testing.T) {
	t.Parallel()
	box := &reportBox{taken: make(chan modem.Report, 9)}
	r := start(t, emulator.Config{IMSI: "460009876543210"}, func(c *modem.Config) { c.Reports = box })
	becomes(t, "ready", r.state(modem.Ready))
	r.sim.Say("\r\n+CDS: 25\r\n" + report + "\r\n")
	require.Equal(t, modem.Report{Modem: "one", SIM: "460009876543210", PDU: report}, <-box.taken)
	require.Empty(t, r.in.texts)
}

func TestReportsAmongTextsAreTakenAndDeleted(t *testing.T) {
	t.Parallel()
	box := &reportBox{taken: make(chan modem.Report, 9)}
	r := start(t, emulator.Config{}, func(c *modem.Config) { c.Reports = box })
	require.NoError(t, r.sim.Deliver(emulator.Message{PDU: report}))
	require.Equal(t, report, (<-box.taken).PDU)
	becomes(t, "empty", r.empty)
	require.Empty(t, r.in.texts, "a report is no rejected input")
}

// TestReportsOfEveryMake: whether a modem stores delivery reports, and where, or shows them on the line.
func TestReportsOfEveryMake(t *testing.T) {
	t.Parallel()
	for _, kind := range profile.All() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			box := &reportBox{taken: make(chan modem.Report, 9)}
			r := start(t, emulator.Config{Profile: kind}, func(c *modem.Config) { c.Reports = box })
			parts, err := sms.Split("+8613800138009", "where#", sms.Terms{Report: true})
			require.NoError(t, err)
			var want int
			becomes(t, "sent", func() bool { // Some are set up again after their banner.
				want, err = r.Submit(t.Context(), parts[0])
				return err == nil
			})
			got, err := sms.DecodeReport((<-box.taken).PDU)
			require.NoError(t, err)
			require.Equal(t, want, got.Reference)
			require.Equal(t, "+8613800138009", got.Recipient)
			require.Equal(t, sms.Arrived, got.Status.Fate())
			becomes(t, "empty", func() bool { return r.empty() && r.sim.Stored("SR") == 0 })
			require.Empty(t, r.in.texts)
		})
	}
}

// busyBox takes reports, and while it has one in hand the next is announced: it goes on when the memory was listed again.
type busyBox struct {
	announce func()
	listed   chan struct{}
	results  chan error
}

func (b *busyBox) HandleReport(ctx context.Context, _ modem.Report) error {
	for len(b.listed) > 0 {
		<-b.listed
	}
	b.announce()
	select {
	case <-b.listed:
		b.results <- nil
	case <-ctx.Done():
		b.results <- ctx.Err()
	}
	return nil
}

// TestABacklogOfReportsIsReadAtOnce: what comes while another is being committed is no reason to wait as after a failure.
func TestABacklogOfReportsIsReadAtOnce(t *testing.T) {
	t.Parallel()
	box := &busyBox{listed: make(chan struct{}, 1000), results: make(chan error, 9)}
	// One memory, so that listing is the next sweep's.
	r := start(t, emulator.Config{Memories: []emulator.Memory{{Name: "SM", Capacity: 20, First: 1}}}, func(c *modem.Config) {
		c.Reports, c.HandleTimeout, c.RetryMin, c.RetryMax = box, 25*time.Second, time.Minute, time.Minute
	})
	becomes(t, "ready", r.state(modem.Ready))
	box.announce = func() { r.sim.Say("\r\n+CDSI: \"SM\",2\r\n") }
	defer r.Tap(func(p at.Passed) {
		if strings.Contains(p.Text, "+CMGL") {
			select {
			case box.listed <- struct{}{}:
			default:
			}
		}
	})()
	parts, err := sms.Split("+8613800138009", "where#", sms.Terms{Report: true})
	require.NoError(t, err)
	for range 5 {
		_, err := r.Submit(t.Context(), parts[0])
		require.NoError(t, err)
		require.NoError(t, <-box.results)
	}
}
