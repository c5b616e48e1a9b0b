package tracking_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"waybill/tracking"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func second(n int) time.Time { return time.Date(2026, 3, 2, 8, 0, n, 0, time.UTC) }

func positionOf(vehicle string, n int) tracking.Position {
	return tracking.Position{Device: "unit-" + vehicle, Vehicle: vehicle, Fix: tracking.NewFix(second(n), orb.Point{float64(n), 0})}
}

func next(t *testing.T, s *tracking.Subscription) []string {
	t.Helper()
	positions, err := s.Next(t.Context())
	require.NoError(t, err)
	var got []string
	for _, p := range positions {
		got = append(got, fmt.Sprintf("%s/%s@%d", p.Vehicle, p.Device, p.Fix.Time.Second()))
	}
	return got
}

func TestHubGivesSlowReadersTheNewest(t *testing.T) {
	t.Parallel()
	hub := tracking.NewHub()
	s := hub.Subscribe(tracking.Filter{})
	defer s.Close()
	for n := range 50 {
		hub.Publish([]tracking.Position{positionOf("a", n), positionOf("b", n)})
	}
	hub.Publish([]tracking.Position{positionOf("b", 55), {Device: "loose", Fix: tracking.NewFix(second(1), orb.Point{})}})
	require.Equal(t, []string{"a/unit-a@49", "b/unit-b@55", "/loose@1"}, next(t, s))
	hub.Publish([]tracking.Position{positionOf("a", 56)})
	require.Equal(t, []string{"a/unit-a@56"}, next(t, s))
	// The device that the vehicle had before is committed a moment later.
	before := positionOf("a", 57)
	before.Device = "unit-before"
	hub.Publish([]tracking.Position{positionOf("a", 58)})
	hub.Publish([]tracking.Position{before})
	require.Equal(t, []string{"a/unit-a@58"}, next(t, s))
}

// Several processes tell the same, and one of them late.
func TestHubHearsTheNewestOnce(t *testing.T) {
	t.Parallel()
	hub := tracking.NewHub()
	s, own := hub.Subscribe(tracking.Filter{}), hub.Subscribe(tracking.Filter{Own: true})
	defer s.Close()
	defer own.Close()
	hub.Publish([]tracking.Position{positionOf("a", 2)})
	require.Equal(t, []string{"a/unit-a@2"}, next(t, s))
	hub.Repeat([]tracking.Position{positionOf("a", 1), positionOf("a", 2), positionOf("b", 1)})
	require.Equal(t, []string{"b/unit-b@1"}, next(t, s))
	hub.Publish([]tracking.Position{positionOf("c", 1)})
	require.Equal(t, []string{"a/unit-a@2", "c/unit-c@1"}, next(t, own), "the others tell the rest")
}

func TestHubFilters(t *testing.T) {
	t.Parallel()
	hub := tracking.NewHub()
	byVehicle := hub.Subscribe(tracking.Filter{Vehicles: []string{"a"}})
	byDevice := hub.Subscribe(tracking.Filter{Devices: []string{"unit-b"}})
	both := hub.Subscribe(tracking.Filter{Vehicles: []string{"a"}, Devices: []string{"unit-a"}})
	byBox := hub.Subscribe(tracking.Filter{Box: &orb.Bound{Min: orb.Point{5, -1}, Max: orb.Point{6, 1}}})
	hub.Publish([]tracking.Position{positionOf("a", 1), positionOf("b", 5), positionOf("c", 6), positionOf("d", 7)})
	require.Equal(t, []string{"a/unit-a@1"}, next(t, byVehicle))
	require.Equal(t, []string{"b/unit-b@5"}, next(t, byDevice))
	require.Equal(t, []string{"a/unit-a@1"}, next(t, both))
	require.Equal(t, []string{"b/unit-b@5", "c/unit-c@6"}, next(t, byBox))
	// What was inside is seen to leave, once.
	hub.Publish([]tracking.Position{positionOf("b", 8), positionOf("d", 9)})
	require.Equal(t, []string{"b/unit-b@8"}, next(t, byBox))
	hub.Publish([]tracking.Position{positionOf("b", 9), {Device: "loose", Fix: tracking.NewFix(second(6), orb.Point{6, 0})}})
	require.Equal(t, []string{"/loose@6"}, next(t, byBox))
	for _, s := range []*tracking.Subscription{byVehicle, byDevice, both, byBox} {
		s.Close()
		s.Close()
	}
}

func TestSubscriptionEnds(t *testing.T) {
	t.Parallel()
	hub := tracking.NewHub()
	waiting, closed := hub.Subscribe(tracking.Filter{}), hub.Subscribe(tracking.Filter{})
	closed.Close()
	_, err := closed.Next(t.Context())
	require.ErrorIs(t, err, tracking.ErrClosed)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = waiting.Next(ctx)
	require.ErrorIs(t, err, context.Canceled)

	ended := make(chan error)
	go func() {
		_, err := waiting.Next(t.Context())
		ended <- err
	}()
	hub.Close()
	require.ErrorIs(t, <-ended, tracking.ErrClosed)
	_, err = hub.Subscribe(tracking.Filter{}).Next(t.Context())
	require.ErrorIs(t, err, tracking.ErrClosed)
	hub.Publish([]tracking.Position{positionOf("a", 1)})
}

// TestHubUnderLoad has readers come, read and go while others publish: everyone who
// stays sees the last position.
func TestHubUnderLoad(t *testing.T) {
	t.Parallel()
	const publishers, last = 4, 59
	hub := tracking.NewHub()
	var running sync.WaitGroup
	errs := make(chan error, 2*publishers)
	for p := range publishers {
		vehicle := string(rune('a' + p))
		steady := hub.Subscribe(tracking.Filter{Vehicles: []string{vehicle}})
		running.Go(func() {
			defer steady.Close()
			for {
				positions, err := steady.Next(t.Context())
				if err != nil || positions[0].Fix.Time.Equal(second(last)) {
					errs <- err
					return
				}
			}
		})
		running.Go(func() {
			for n := range last + 1 {
				hub.Publish([]tracking.Position{positionOf(vehicle, n)})
			}
		})
		running.Go(func() {
			for range 20 {
				fleeting := hub.Subscribe(tracking.Filter{})
				ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				_, _ = fleeting.Next(ctx)
				cancel()
				fleeting.Close()
			}
		})
	}
	running.Wait()
	for range publishers {
		require.NoError(t, <-errs)
	}
}
