package postgres_test

import (
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
)

func box(west, south, east, north float64) orb.Ring {
	return orb.Ring{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}
}

func TestZones(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	area := orb.MultiPolygon{{box(0, 0, 10, 10), box(4, 4, 6, 6)}}
	made, err := r.CreateZone(t.Context(), tracking.Zone{UID: "depot", DisplayName: "Depot", Area: area}, "")
	require.NoError(t, err)
	require.Equal(t, area, made.Area, "as given, to the last bit")

	// From polygons to a circle.
	changed, err := r.UpdateZone(t.Context(), tracking.Zone{UID: "depot", Center: orb.Point{1, 2}, Radius: 50}, tracking.ZoneMask{Ground: true})
	require.NoError(t, err)
	require.Nil(t, changed.Area)
	require.Equal(t, orb.Point{1, 2}, changed.Center)
	require.InDelta(t, 50, changed.Radius, 0)
	require.Equal(t, "Depot", changed.DisplayName)
	renamed, err := r.UpdateZone(t.Context(), tracking.Zone{UID: "depot", DisplayName: "Yard"}, tracking.ZoneMask{DisplayName: true})
	require.NoError(t, err)
	require.Equal(t, "Yard", renamed.DisplayName)
	require.Equal(t, changed.Center, renamed.Center)

	zones, err := r.Zones(t.Context(), tracking.Page{Size: 10})
	require.NoError(t, err)
	require.Equal(t, []tracking.Zone{renamed}, zones)

	require.NoError(t, r.DeleteZone(t.Context(), "depot"))
	require.ErrorIs(t, r.DeleteZone(t.Context(), "depot"), tracking.ErrNotFound)
	_, err = r.Zone(t.Context(), "depot")
	require.ErrorIs(t, err, tracking.ErrNotFound)
	zones, err = r.Zones(t.Context(), tracking.Page{Size: 10})
	require.NoError(t, err)
	require.Empty(t, zones)
}

func TestZoneGroundIsChecked(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	for name, c := range map[string]struct {
		zone  tracking.Zone
		field string
	}{
		"nowhere":           {tracking.Zone{}, "area"},
		"a path too short":  {tracking.Zone{Path: orb.LineString{{1, 1}}, Width: 5}, "area.corridor.path"},
		"a path off earth":  {tracking.Zone{Path: orb.LineString{{1, 1}, {181, 1}}, Width: 5}, "area.corridor.path[1]"},
		"a leg too long":    {tracking.Zone{Path: orb.LineString{{1, 1}, {1, 2}, {100, 1}}, Width: 5}, "area.corridor.path[2]"},
		"no width":          {tracking.Zone{Path: orb.LineString{{1, 1}, {2, 1}}}, "area.corridor.width"},
		"too wide":          {tracking.Zone{Path: orb.LineString{{1, 1}, {2, 1}}, Width: 1e6}, "area.corridor.width"},
		"all at once":       {tracking.Zone{Path: orb.LineString{{1, 1}, {2, 1}}, Width: 1, Radius: 1}, "area"},
		"too slow":          {tracking.Zone{Radius: 1, SpeedLimit: -1}, "speed_limit"},
		"too short":         {tracking.Zone{Radius: 1, DwellLimit: 1}, "dwell_limit"},
		"both":              {tracking.Zone{Area: orb.MultiPolygon{{box(0, 0, 1, 1)}}, Radius: 1}, "area"},
		"a negative circle": {tracking.Zone{Radius: -1}, "area.circle.radius"},
		"off the earth":     {tracking.Zone{Radius: 1, Center: orb.Point{0, 91}}, "area.circle.center"},
		"an open ring":      {tracking.Zone{Area: orb.MultiPolygon{{{{0, 0}, {1, 0}, {1, 1}, {0, 1}}}}}, "area.polygons.polygons[0].rings[0].points"},
		"no rings":          {tracking.Zone{Area: orb.MultiPolygon{{}}}, "area.polygons.polygons[0].rings"},
		"a point too far":   {tracking.Zone{Area: orb.MultiPolygon{{box(0, 0, 1, 95)}}}, "area.polygons.polygons[0].rings[0].points[2]"},
		"a bow tie":         {tracking.Zone{Area: orb.MultiPolygon{{{{0, 0}, {1, 1}, {1, 0}, {0, 1}, {0, 0}}}}}, "area.polygons"},
		"a hole outside":    {tracking.Zone{Area: orb.MultiPolygon{{box(0, 0, 1, 1), box(3, 3, 4, 4)}}}, "area.polygons"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := r.CreateZone(t.Context(), c.zone, "")
			requireField(t, err, c.field, tracking.ErrInvalid)
		})
	}
}

func TestCorridorsAndLimits(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	route := tracking.Zone{
		UID: "route", Path: orb.LineString{{116, 40}, {117, 39.123456789}}, Width: 250, SpeedLimit: 22.2, DwellLimit: 90 * time.Minute,
	}
	made, err := r.CreateZone(t.Context(), route, "")
	require.NoError(t, err)
	route.CreateTime, route.UpdateTime = made.CreateTime, made.UpdateTime
	require.Equal(t, route, made, "as given, to the last bit")

	// From a corridor to a circle; the limits stay.
	changed, err := r.UpdateZone(t.Context(), tracking.Zone{UID: "route", Radius: 5}, tracking.ZoneMask{Ground: true})
	require.NoError(t, err)
	require.Nil(t, changed.Path)
	require.Zero(t, changed.Width)
	require.InDelta(t, 22.2, changed.SpeedLimit, 0)
	changed, err = r.UpdateZone(t.Context(), tracking.Zone{UID: "route", DwellLimit: time.Hour}, tracking.ZoneMask{SpeedLimit: true, DwellLimit: true})
	require.NoError(t, err)
	require.Zero(t, changed.SpeedLimit)
	require.Equal(t, time.Hour, changed.DwellLimit)
	require.InDelta(t, 5, changed.Radius, 0)
	_, err = r.UpdateZone(t.Context(), tracking.Zone{UID: "route", SpeedLimit: -1}, tracking.ZoneMask{SpeedLimit: true})
	requireField(t, err, "speed_limit", tracking.ErrInvalid)
}

func TestZoneOverTheAntimeridianIsCutThere(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	zone, err := r.CreateZone(t.Context(), tracking.Zone{Area: orb.MultiPolygon{{box(170, -10, -170, 10)}}}, "")
	require.NoError(t, err)
	require.Len(t, zone.Area, 2)
	bound := zone.Area.Bound()
	require.Equal(t, orb.Bound{Min: orb.Point{-180, -10}, Max: orb.Point{180, 10}}, bound)
	for _, part := range zone.Area {
		require.InDelta(t, 10, part.Bound().Max.Lon()-part.Bound().Min.Lon(), 1e-9)
	}
}

func TestOwnedZones(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	const owner = "customers/acme/sites/hq"
	circle := tracking.Zone{Center: orb.Point{1, 2}, Radius: 150}
	circle.Owner, circle.DisplayName = owner, "Acme"
	for range 2 {
		_, err := r.PutOwnedZone(t.Context(), circle)
		require.NoError(t, err)
	}
	zones, err := r.Zones(t.Context(), tracking.Page{Size: 10})
	require.NoError(t, err)
	require.Len(t, zones, 1)
	require.Equal(t, owner, zones[0].Owner)

	_, err = r.UpdateZone(t.Context(), tracking.Zone{UID: zones[0].UID, DisplayName: "x"}, tracking.ZoneMask{DisplayName: true})
	requireField(t, err, "name", tracking.ErrOwned)
	// Limits are nobody else's.
	_, err = r.UpdateZone(t.Context(), tracking.Zone{UID: zones[0].UID, SpeedLimit: 5}, tracking.ZoneMask{SpeedLimit: true})
	require.NoError(t, err)
	limited, err := r.PutOwnedZone(t.Context(), circle)
	require.NoError(t, err)
	require.InDelta(t, 5, limited.SpeedLimit, 0)
	requireField(t, r.DeleteZone(t.Context(), zones[0].UID), "name", tracking.ErrOwned)

	for range 2 { // the second time it is removed already
		removed, err := r.PutOwnedZone(t.Context(), tracking.Zone{Owner: owner})
		require.NoError(t, err)
		require.Empty(t, removed.UID)
	}
	_, err = r.Zone(t.Context(), zones[0].UID)
	require.ErrorIs(t, err, tracking.ErrNotFound)

	back, err := r.PutOwnedZone(t.Context(), tracking.Zone{Owner: owner, Area: orb.MultiPolygon{{box(0, 0, 1, 1)}}})
	require.NoError(t, err)
	require.Equal(t, zones[0].UID, back.UID)
	require.Zero(t, back.Radius)
}
