package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	geov1 "waybill/proto/waybill/geo/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// TestKillsChangeNothing has a fleet report its trips out of order, twice and far too
// late, while the server and PostgreSQL are killed: every fix that was acknowledged is
// stored once, and what is stored and what followed from it is equal to what came of the
// same fixes in order and undisturbed.
func TestKillsChangeNothing(t *testing.T) {
	t.Parallel()
	start := time.Now().Add(-14 * 24 * time.Hour).Truncate(time.Second)
	tracks := make([][]fix, *clients)
	for i := range tracks {
		tracks[i] = travel(rand.New(rand.NewPCG(*seed, uint64(i))), start, *fixes / *clients) //nolint:gosec // the same in each run
		last := tracks[i][len(tracks[i])-1].Time
		require.Less(t, last, time.Now().Add(-time.Hour), "of the past, so that nothing alerts: ask for fewer -crash-fixes")
	}

	calm := newConvoy(t, tracks)
	for i, c := range calm.fleet {
		c.load(t, slices.Collect(slices.Chunk(tracks[i], 50)))
	}
	calm.report(t, nil)
	want := calm.result(t)
	for _, table := range []string{"position", "transition", "visit", "told", "trip", "stop", "condition", "state", "live position"} {
		require.Positive(t, want.rows(table), table)
	}
	require.Zero(t, want.rows("alert"), "what is old alerts nobody")

	troubled := newConvoy(t, tracks)
	for i, c := range troubled.fleet {
		c.load(t, disturb(rand.New(rand.NewPCG(*seed, uint64(i))), tracks[i])) //nolint:gosec // the same in each run
	}
	troubled.report(t, func(ctx context.Context, progress *progress) { troubled.kill(ctx, t, *kills, progress) })
	troubled.result(t).expectEqual(t, want)
}

// convoy is a Waybill with a fleet that drives between zones.
type convoy struct {
	*world
	pool   *pgxpool.Pool
	fleet  []*courier
	trucks []string
}

// newConvoy makes the same fleet on each Waybill, with a device for each track. Every
// other device is on a second vehicle from the middle of its track on.
func newConvoy(t *testing.T, tracks [][]fix) *convoy {
	t.Helper()
	w := newStack(t).clients(t)
	c := &convoy{world: w, pool: w.pool(t)}
	_, err := c.pool.Exec(t.Context(), tellAll)
	require.NoError(t, err)
	c.drawZones(t)
	for i, track := range tracks {
		id := fmt.Sprintf("unit-%03d", i)
		_, err := w.devices.CreateDevice(t.Context(), &trackingv1.CreateDeviceRequest{DeviceId: id, Device: &trackingv1.Device{DisplayName: id}})
		require.NoError(t, err)
		c.fit(t, id, fmt.Sprintf("truck-%03d", i), track[0].Time.Add(-time.Hour))
		if i%2 == 1 {
			c.fit(t, id, fmt.Sprintf("spare-%03d", i), track[len(track)/2].Time)
		}
		c.fleet = append(c.fleet, &courier{publisher: publisher{address: w.mqtt, device: id, password: w.credential(t, id)}})
	}
	return c
}

// drawZones draws one of each kind, some with a limit that is often broken.
func (c *convoy) drawZones(t *testing.T) {
	t.Helper()
	zones := trackingv1.NewZoneServiceClient(dial(t, c.tracking, c.admin))
	circle := func(east, radius float64) *geov1.Area {
		return &geov1.Area{Shape: &geov1.Area_Circle{Circle: &geov1.Circle{Center: pointAt(east, 0), Radius: radius}}}
	}
	box := &geov1.Polygon{Rings: []*geov1.Ring{{Points: []*geov1.Point{
		pointAt(edge, -900), pointAt(town+900, -900), pointAt(town+900, 900), pointAt(edge, 900), pointAt(edge, -900),
	}}}}
	for _, zone := range []struct {
		id    string
		area  *geov1.Area
		limit *float64
	}{
		{"works", circle(works, 250), nil},
		{"town", &geov1.Area{Shape: &geov1.Area_Polygons{Polygons: &geov1.MultiPolygon{Polygons: []*geov1.Polygon{box}}}}, new(10.0)},
		{"shop", circle(town, 12), nil}, // as small as the fixes are inexact
		{"road", &geov1.Area{Shape: &geov1.Area_Corridor{Corridor: &geov1.Corridor{
			Path: []*geov1.Point{pointAt(town, 0), pointAt(harbour, 0)}, Width: 25,
		}}}, new(15.0)},
		{"harbour", circle(harbour, 400), nil},
	} {
		_, err := zones.CreateZone(t.Context(), &trackingv1.CreateZoneRequest{ZoneId: zone.id, Zone: &trackingv1.Zone{
			DisplayName: zone.id, Area: zone.area, SpeedLimit: zone.limit,
		}})
		require.NoError(t, err)
	}
}

func (c *convoy) fit(t *testing.T, device, vehicle string, from time.Time) {
	t.Helper()
	_, err := c.vehicles.CreateVehicle(t.Context(), &trackingv1.CreateVehicleRequest{
		VehicleId: vehicle, Vehicle: &trackingv1.Vehicle{DisplayName: vehicle},
	})
	require.NoError(t, err)
	_, err = c.vehicles.FitDevice(t.Context(), &trackingv1.FitDeviceRequest{
		Vehicle: "vehicles/" + vehicle, Device: "devices/" + device, FromTime: stamp(from),
	})
	require.NoError(t, err)
	c.trucks = append(c.trucks, "vehicles/"+vehicle)
}

// report has the fleet send all it has, and does the rest meanwhile.
func (c *convoy) report(t *testing.T, meanwhile func(context.Context, *progress)) {
	t.Helper()
	total := 0
	for _, unit := range c.fleet {
		total += len(unit.payloads)
	}
	progress := &progress{steps: make(chan struct{}, total), left: total}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 10*patience+time.Duration(*kills)*patience/3, errors.New("the fleet did not get through"))
	defer cancel()
	var all sync.WaitGroup
	for _, unit := range c.fleet {
		all.Go(func() { unit.run(ctx, func() { progress.steps <- struct{}{} }) })
	}
	if meanwhile != nil {
		meanwhile(ctx, progress)
	}
	require.NoError(t, progress.wait(ctx, progress.left, c.ended()))
	all.Wait()
}

// result is what came of it, once crm has heard of all.
func (c *convoy) result(t *testing.T) account {
	t.Helper()
	require.Eventually(t, func() bool {
		var waiting, rejected int
		err := c.pool.QueryRow(t.Context(), `
			select (select count(*) from tracking.transition_outbox), (select count(*) from gateway.rejected_input)`).Scan(&waiting, &rejected)
		require.Zero(t, rejected)
		return err == nil && waiting == 0
	}, patience, 100*time.Millisecond)
	return c.account(t, c.pool, c.trucks)
}

// progress counts acknowledged messages.
type progress struct {
	steps chan struct{}
	left  int
}

var errServerEnded = errors.New("a server ended that nobody stopped")

// wait waits for so many more.
func (p *progress) wait(ctx context.Context, n int, ended <-chan struct{}) error {
	for range n {
		select {
		case <-p.steps:
			p.left--
		case <-ended:
			return errServerEnded
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
