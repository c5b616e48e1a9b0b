package postgres_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/internal/pgtest"
	"waybill/tracking"
	"waybill/tracking/postgres"
)

// repeats counts the transactions that were done again.
type repeats struct {
	slog.Handler
	count *atomic.Int64
}

func (repeats) Enabled(context.Context, slog.Level) bool { return true }

func (r repeats) Handle(_ context.Context, record slog.Record) error {
	if record.Message == "transaction is done again" {
		r.count.Add(1)
	}
	return nil
}

// arrangement is how processes share devices.
type arrangement struct {
	name    string
	stores  []*postgres.FixStore // one a process
	devices []int64
	uids    []string
	// process says which process a device's fix of a round goes to.
	process func(device, round int) int
	again   atomic.Int64
	took    []time.Duration
}

// round commits one fix of each device, in two batches a process side by side.
func (a *arrangement) round(b *testing.B, n int) {
	b.Helper()
	const writers = 2
	at := time.Date(2026, 3, 1, 0, 0, n, 0, time.UTC)
	batches := make([][]tracking.Record, writers*len(a.stores))
	for i, id := range a.devices {
		record, rejected := tracking.Validate(tracking.Report{
			Device: a.uids[i], Received: at, Source: "bench", Fix: tracking.NewFix(at, orb.Point{116 + float64(n)/100_000, 39}),
		}, 0)
		require.Nil(b, rejected)
		record.DeviceID = id
		batch := writers*a.process(i, n) + int(id)%writers
		batches[batch] = append(batches[batch], record)
	}
	start := time.Now()
	var running sync.WaitGroup
	for i, batch := range batches {
		running.Go(func() {
			if _, err := a.stores[i/writers].Commit(b.Context(), batch); err != nil {
				b.Error(err)
			}
		})
	}
	running.Wait()
	a.took = append(a.took, time.Since(start))
}

// BenchmarkProcesses compares one tracking process with two that have devices of their
// own, and with two that get fixes of all: what leases of devices would prevent.
func BenchmarkProcesses(b *testing.B) {
	const devices, warmUp = 1_000, 5
	pool := pgtest.New(b)
	arrangements := []*arrangement{
		{name: "one", process: func(int, int) int { return 0 }},
		{name: "two-spread", process: func(device, _ int) int { return device % 2 }},
		{name: "two-handing-over", process: func(device, round int) int { return (device + round/20) % 2 }},
		{name: "two-sharing", process: func(int, int) int { return rand.IntN(2) }}, //nolint:gosec // chance, not secrecy
	}
	for i, a := range arrangements {
		for n := range devices {
			a.uids = append(a.uids, fmt.Sprintf("unit-%d-%d", i, n))
		}
		_, err := pool.Exec(b.Context(), `
			with made as (insert into tracking.device (uid) select uid from unnest($1::text[]) uid returning id)
			insert into tracking.device_state (device_id) select id from made`, a.uids)
		require.NoError(b, err)
		log := slog.New(repeats{slog.DiscardHandler, &a.again})
		for range min(i+1, 2) {
			a.stores = append(a.stores, postgres.NewFixStore(pool, postgres.FixOptions{Logger: log}))
		}
		ids, err := a.stores[0].DeviceIDs(b.Context(), a.uids)
		require.NoError(b, err)
		for _, uid := range a.uids {
			a.devices = append(a.devices, ids[uid])
		}
	}
	_, err := pool.Exec(b.Context(), "analyze tracking.device, tracking.device_state")
	require.NoError(b, err)
	rounds := 0
	for range warmUp {
		for _, a := range arrangements {
			a.round(b, rounds)
		}
		rounds++
	}
	for _, a := range arrangements {
		a.took, rounds = nil, warmUp
		a.again.Store(0)
	}
	n := 0
	for b.Loop() {
		for _, a := range arrangements {
			a.round(b, rounds)
		}
		rounds++
		n++
	}
	for _, a := range arrangements {
		slices.Sort(a.took)
		b.ReportMetric(devices/a.took[len(a.took)/2].Seconds(), a.name+"-fixes/s")
		b.ReportMetric(float64(a.again.Load())/float64(n), a.name+"-repeats/round")
	}
}
