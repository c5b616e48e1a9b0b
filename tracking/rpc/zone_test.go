package rpc_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	geov1 "waybill/proto/waybill/geo/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
)

func TestCorridorsAndLimits(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	client := trackingv1.NewZoneServiceClient(b.conn)
	corridor := func(width float64, path ...*geov1.Point) *geov1.Area {
		return &geov1.Area{Shape: &geov1.Area_Corridor{Corridor: &geov1.Corridor{Path: path, Width: width}}}
	}
	here, there := &geov1.Point{Longitude: 116, Latitude: 39}, &geov1.Point{Longitude: 117, Latitude: 39}
	route := &trackingv1.Zone{Area: corridor(50, here, there), SpeedLimit: proto.Float64(20), DwellLimit: durationpb.New(time.Hour)}
	planned, err := client.CreateZone(t.Context(), &trackingv1.CreateZoneRequest{ZoneId: "route", Zone: route})
	require.NoError(t, err)
	require.True(t, proto.Equal(route.GetArea(), planned.GetZone().GetArea()))
	require.InDelta(t, 20, planned.GetZone().GetSpeedLimit(), 0)
	require.Equal(t, time.Hour, planned.GetZone().GetDwellLimit().AsDuration())

	unlimited, err := client.UpdateZone(t.Context(), &trackingv1.UpdateZoneRequest{
		Zone: &trackingv1.Zone{Name: "zones/route"}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"speed_limit"}},
	})
	require.NoError(t, err)
	require.Nil(t, unlimited.GetZone().SpeedLimit)
	require.NotNil(t, unlimited.GetZone().GetDwellLimit())

	for field, zone := range map[string]*trackingv1.Zone{
		"zone.area.corridor.width": {Area: corridor(0, here, there)},
		"zone.area.corridor.path":  {Area: corridor(5, here)},
		"zone.speed_limit":         {Area: corridor(5, here, there), SpeedLimit: proto.Float64(0)},
		"zone.dwell_limit":         {Area: corridor(5, here, there), DwellLimit: durationpb.New(-time.Hour)},
	} {
		_, err = client.CreateZone(t.Context(), &trackingv1.CreateZoneRequest{Zone: zone})
		requireViolation(t, err, field)
	}
}
