package tracking_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/tracking"
)

func TestMadeUpUIDsAreValidAndDiffer(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for range 1_000 {
		uid := tracking.NewUID()
		require.NoError(t, tracking.CheckUID("uid", uid))
		require.False(t, seen[uid], uid)
		seen[uid] = true
	}
}

func TestCheckUID(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"a", "0", "truck-1", strings.Repeat("a", 63)} {
		require.NoError(t, tracking.CheckUID("uid", good), good)
	}
	for _, bad := range []string{"", "-a", "A", "a/b", "a b", "a\x00", "ä", strings.Repeat("a", 64)} {
		err := tracking.CheckUID("device_id", bad)
		var fieldError *tracking.FieldError
		require.ErrorAs(t, err, &fieldError, bad)
		require.Equal(t, "device_id", fieldError.Field)
		require.ErrorIs(t, err, tracking.ErrInvalid)
	}
}

func TestDeviceCheck(t *testing.T) {
	t.Parallel()
	require.NoError(t, tracking.Device{DisplayName: "货车", IMEI: "353451044508750"}.Check())
	for _, imei := range []string{"1", "35345104450875a", "3534510445087500"} {
		require.ErrorIs(t, tracking.Device{IMEI: imei}.Check(), tracking.ErrInvalid, imei)
	}
	require.ErrorIs(t, tracking.Vehicle{Plate: strings.Repeat("x", 201)}.Check(), tracking.ErrInvalid)
}

func TestZoneCheckBoundsPoints(t *testing.T) {
	t.Parallel()
	ring := make(orb.Ring, tracking.MaxZonePoints+1)
	err := tracking.Zone{Area: orb.MultiPolygon{{ring}}}.Check()
	require.ErrorIs(t, err, tracking.ErrInvalid)
	require.ErrorContains(t, err, "simplify")
}

// Whatever ground is given, the check takes it or says which field to change.
func TestZoneCheckNamesTheField(t *testing.T) {
	t.Parallel()
	number := rapid.OneOf(rapid.Float64(), rapid.Float64Range(-180, 180))
	rapid.Check(t, func(t *rapid.T) {
		point := rapid.Custom(func(t *rapid.T) orb.Point {
			return orb.Point{number.Draw(t, "lon"), number.Draw(t, "lat")}
		})
		ring := rapid.Custom(func(t *rapid.T) orb.Ring { return rapid.SliceOfN(point, 0, 6).Draw(t, "ring") })
		polygon := rapid.Custom(func(t *rapid.T) orb.Polygon { return rapid.SliceOfN(ring, 0, 2).Draw(t, "polygon") })
		zone := tracking.Zone{
			Area:   rapid.SliceOfN(polygon, 0, 2).Draw(t, "area"),
			Center: point.Draw(t, "center"),
			Radius: rapid.SampledFrom([]float64{0, 0, 10, -1, 1e9}).Draw(t, "radius"),
			Path:   rapid.SliceOfN(point, 0, 3).Draw(t, "path"),
			Width:  rapid.SampledFrom([]float64{0, 0, 10, -1, 1e9}).Draw(t, "width"),
		}
		err := zone.CheckGround()
		var fieldError *tracking.FieldError
		if err != nil && (!errors.As(err, &fieldError) || !strings.HasPrefix(fieldError.Field, "area") || fieldError.Advice == "") {
			t.Fatalf("%v", err)
		}
	})
}
