package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
)

// TestCommitNotifies has who empties the outbox woken when there is something in
// it, and not else.
func TestCommitNotifies(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.AddDevice(t, "unit-1")
	g.AddVehicle(t, "truck-1")
	g.AddZone(t, tracking.Zone{UID: "depot", Center: orb.Point{116, 39}, Radius: 100})
	ids, err := g.DeviceIDs(t.Context(), []string{"unit-1"})
	require.NoError(t, err)
	commit := func(minute int, lon float64) {
		at := time.Date(2026, 3, 2, 8, minute, 0, 0, time.UTC)
		record, rejected := tracking.Validate(tracking.Report{
			Device: "unit-1", Source: "test", Received: at, Fix: tracking.NewFix(at, orb.Point{lon, 39}),
		}, 0)
		require.Nil(t, rejected)
		record.DeviceID = ids["unit-1"]
		_, err := g.Commit(t.Context(), []tracking.Record{record})
		require.NoError(t, err)
	}
	conn, err := g.pool.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	_, err = conn.Exec(t.Context(), "listen transition_outbox; listen marker")
	require.NoError(t, err)
	// Notifications come in the order of commits: those before the marker are all.
	heard := func() (n int) {
		g.exec(t, "notify marker")
		for {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			notification, err := conn.Conn().WaitForNotification(ctx)
			cancel()
			require.NoError(t, err)
			if notification.Channel == "marker" {
				return n
			}
			n++
		}
	}
	commit(0, 116) // an arrival, but of no vehicle
	require.Zero(t, heard())
	g.Fit(t, tracking.Fitting{Device: "unit-1", Vehicle: "truck-1", Primary: true, From: time.Date(2026, 3, 2, 8, 0, 30, 0, time.UTC)})
	commit(1, 116) // now the truck is there
	require.Equal(t, 1, heard())
	commit(2, 116) // still there
	require.Zero(t, heard())
	commit(4, 116.01)
	require.Equal(t, 1, heard())
	commit(3, 116.01) // it had left before: one statement is taken back, one made
	require.Equal(t, 1, heard())
}
