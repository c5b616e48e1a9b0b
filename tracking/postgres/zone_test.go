package postgres_test

import (
	"testing"

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
