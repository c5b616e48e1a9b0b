package modem_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/gateway/modem"
	"waybill/gateway/modem/emulator"
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
