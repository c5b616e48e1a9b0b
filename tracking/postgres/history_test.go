package postgres_test

import (
	"math"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/internal/pgtest"
	"waybill/tracking"
	"waybill/tracking/postgres"
)

// story is a database with a fleet, and helpers that write what ingest would.
type story struct {
	pool     *pgxpool.Pool
	registry *postgres.Registry
	history  *postgres.History
}

func newStory(t *testing.T) story {
	t.Helper()
	pool := pgtest.New(t)
	s := story{pool, postgres.NewRegistry(pool, "CN"), postgres.NewHistory(pool)}
	newFleet(t, s.registry)
	s.exec(t, "create table if not exists tracking.position_rest partition of tracking.position default")
	return s
}

func (s story) exec(t *testing.T, statement string, args ...any) {
	t.Helper()
	_, err := s.pool.Exec(t.Context(), statement, args...)
	require.NoError(t, err)
}

// seen stores a fix, and makes it the newest of its device.
func (s story) seen(t *testing.T, device string, when time.Time, p orb.Point) {
	t.Helper()
	s.exec(t, `
insert into tracking.position (device_id, fix_time, received_time, geom, speed, source)
select id, $2, $2, ST_Point($3, $4, 4326), 3.6, 'test' from tracking.device where uid = $1`, device, when, p[0], p[1])
	s.exec(t, `
update tracking.device_state s set fix_time = p.fix_time, lon = ST_X(p.geom), lat = ST_Y(p.geom), live = `+postgres.LiveOfPosition+`
from tracking.position p where p.device_id = s.device_id and p.fix_time = $2
and s.device_id = (select id from tracking.device where uid = $1)`, device, when)
}

func TestFixPage(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for hour := range 5 {
		s.seen(t, "a", at(hour), orb.Point{float64(hour), 0.1})
	}
	hours := func(query tracking.FixQuery) []float64 {
		query.Device = "a"
		if query.Size == 0 {
			query.Size = 10
		}
		reports, err := s.history.FixPage(t.Context(), query)
		require.NoError(t, err)
		got := []float64{}
		for _, r := range reports {
			got = append(got, r.Fix.Position.Lon())
		}
		return got
	}
	require.Equal(t, []float64{0, 1, 2, 3, 4}, hours(tracking.FixQuery{}))
	require.Equal(t, []float64{1, 2}, hours(tracking.FixQuery{From: at(1), To: at(3)}))
	require.Equal(t, []float64{0, 1}, hours(tracking.FixQuery{Size: 2}))
	require.Equal(t, []float64{2, 3}, hours(tracking.FixQuery{Size: 2, After: at(1)}))
	require.Equal(t, []float64{4, 3}, hours(tracking.FixQuery{Size: 2, Descending: true}))
	require.Equal(t, []float64{2, 1}, hours(tracking.FixQuery{After: at(3), From: at(1), Descending: true}))

	reports, err := s.history.FixPage(t.Context(), tracking.FixQuery{Device: "a", Size: 1})
	require.NoError(t, err)
	got := reports[0]
	require.Equal(t, "a", got.Device)
	require.Equal(t, "test", got.Source)
	require.Equal(t, at(0), got.Received)
	require.Equal(t, at(0), got.Fix.Time)
	require.InDelta(t, float32(3.6), got.Fix.Speed, 0)
	require.True(t, math.IsNaN(got.Fix.Altitude))
	require.Equal(t, -1, got.Fix.Satellites)

	_, err = s.history.FixPage(t.Context(), tracking.FixQuery{Device: "none", Size: 1})
	require.ErrorIs(t, err, tracking.ErrNotFound)
}

func TestPosition(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	_, err := s.history.Position(t.Context(), "x")
	require.ErrorIs(t, err, tracking.ErrNotFound)

	s.seen(t, "a", at(1), orb.Point{1, 1})
	require.NoError(t, s.registry.FitDevice(t.Context(), fit("a", "x", 2)))
	_, err = s.history.Position(t.Context(), "x")
	require.ErrorIs(t, err, tracking.ErrNotFound, "the device was seen before it was on the vehicle")
	position, err := s.history.DevicePosition(t.Context(), "a")
	require.NoError(t, err)
	require.Empty(t, position.Vehicle)
	require.Equal(t, "a", position.DisplayName)

	s.seen(t, "a", at(3), orb.Point{3, 3})
	position, err = s.history.Position(t.Context(), "x")
	require.NoError(t, err)
	require.Equal(t, "a", position.Device)
	require.Equal(t, "x", position.Vehicle)
	require.Equal(t, "Truck x", position.DisplayName)
	require.Equal(t, orb.Point{3, 3}, position.Fix.Position)

	// Its device goes to another vehicle: it was last seen with it.
	require.NoError(t, s.registry.FitDevice(t.Context(), fit("a", "y", 4)))
	s.seen(t, "a", at(5), orb.Point{5, 5})
	position, err = s.history.Position(t.Context(), "x")
	require.NoError(t, err)
	require.Equal(t, orb.Point{3, 3}, position.Fix.Position)
	position, err = s.history.Position(t.Context(), "y")
	require.NoError(t, err)
	require.Equal(t, orb.Point{5, 5}, position.Fix.Position)

	_, err = s.history.PositionAt(t.Context(), "x", at(2))
	require.ErrorIs(t, err, tracking.ErrNotFound)
	position, err = s.history.PositionAt(t.Context(), "x", at(3))
	require.NoError(t, err)
	require.Equal(t, orb.Point{3, 3}, position.Fix.Position)
}

func TestPositions(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	require.NoError(t, s.registry.FitDevice(t.Context(), fit("a", "x", 0)))
	second := fit("b", "x", 0)
	second.Primary = false
	require.NoError(t, s.registry.FitDevice(t.Context(), second))
	for _, uid := range []string{"c", "d"} {
		_, err := s.registry.CreateDevice(t.Context(), tracking.Device{UID: uid}, "")
		require.NoError(t, err)
	}
	s.seen(t, "a", at(1), orb.Point{10, 10})
	s.seen(t, "b", at(1), orb.Point{11, 10})
	s.seen(t, "c", at(1), orb.Point{-179, 0})
	devices := func(filter tracking.Filter) []string {
		positions, err := s.history.Positions(t.Context(), filter, tracking.Page{Size: 10})
		require.NoError(t, err)
		uids := []string{}
		for _, p := range positions {
			uids = append(uids, p.Device)
		}
		return uids
	}
	require.Equal(t, []string{"a", "c"}, devices(tracking.Filter{}), "neither the second device nor the one that was never seen")
	require.Equal(t, []string{"a"}, devices(tracking.Filter{Vehicles: []string{"x"}}))
	require.Equal(t, []string{"b", "c"}, devices(tracking.Filter{Devices: []string{"b", "c"}}))
	require.Equal(t, []string{"a"}, devices(tracking.Filter{Box: &orb.Bound{Min: orb.Point{9, 9}, Max: orb.Point{12, 12}}}))
	require.Equal(t, []string{"c"}, devices(tracking.Filter{Box: &orb.Bound{Min: orb.Point{170, -9}, Max: orb.Point{-170, 9}}}))
	positions, err := s.history.Positions(t.Context(), tracking.Filter{}, tracking.Page{After: "a", Size: 10})
	require.NoError(t, err)
	require.Len(t, positions, 1)
}

func TestVisits(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for _, uid := range []string{"yard", "shop"} {
		_, err := s.registry.CreateZone(t.Context(), tracking.Zone{UID: uid, Center: orb.Point{1, 1}, Radius: 9}, "")
		require.NoError(t, err)
	}
	_, err := s.registry.PutOwnedZone(t.Context(), tracking.Zone{Owner: "facilities/f", Center: orb.Point{1, 1}, Radius: 9})
	require.NoError(t, err)
	transition := func(device, zone, kind string, hour int) {
		s.exec(t, `
insert into tracking.transition (device_id, time, zone_id, kind, vehicle_id)
select d.id, $4, z.id, $3, v.id from tracking.device d, tracking.zone z, tracking.vehicle v
where d.uid = $1 and $2 in (z.uid, z.owner) and v.uid = 'x'`, device, zone, kind, at(hour))
	}
	transition("a", "shop", "departed", 0) // it was in there when the device was fitted
	transition("a", "yard", "arrived", 1)
	transition("a", "facilities/f", "arrived", 1)
	transition("b", "yard", "arrived", 2) // another device, in the same visit
	transition("b", "yard", "departed", 3)
	transition("b", "shop", "arrived", 4)
	transition("b", "shop", "departed", 5)
	transition("b", "yard", "arrived", 6)

	visits, err := s.history.Visits(t.Context(), "x", time.Time{}, time.Time{}, tracking.VisitPage{})
	require.NoError(t, err)
	require.Len(t, visits, 4)
	byZone := map[string][]tracking.Visit{}
	for _, v := range visits {
		byZone[v.Zone] = append(byZone[v.Zone], v)
	}
	require.Equal(t, []tracking.Visit{
		{Vehicle: "x", Zone: "yard", Arrived: at(1), Departed: at(3)},
		{Vehicle: "x", Zone: "yard", Arrived: at(6)},
	}, byZone["yard"])
	require.Equal(t, []tracking.Visit{{Vehicle: "x", Zone: "shop", Arrived: at(4), Departed: at(5)}}, byZone["shop"])
	require.Equal(t, "facilities/f", visits[0].Owner+visits[1].Owner)

	visits, err = s.history.Visits(t.Context(), "x", at(4), at(6), tracking.VisitPage{Size: 10})
	require.NoError(t, err)
	require.Len(t, visits, 2, "the shop, and the facility that it is still at")

	var paged []tracking.Visit
	var page tracking.VisitPage
	for page.Size = 1; ; {
		some, err := s.history.Visits(t.Context(), "x", time.Time{}, time.Time{}, page)
		require.NoError(t, err)
		if len(some) == 0 {
			break
		}
		paged = append(paged, some...)
		page.Arrived, page.Zone = some[0].Arrived, some[0].Zone
	}
	require.Len(t, paged, 4)

	_, err = s.history.Visits(t.Context(), "none", time.Time{}, time.Time{}, tracking.VisitPage{})
	require.ErrorIs(t, err, tracking.ErrNotFound)
}
