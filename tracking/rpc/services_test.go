package rpc_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/internal/paging"
	geov1 "waybill/proto/waybill/geo/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// requireViolation expects a bad request about the field, with advice.
func requireViolation(t *testing.T, err error, field string) {
	t.Helper()
	require.Equal(t, codes.InvalidArgument, status.Code(err), err)
	for _, detail := range status.Convert(err).Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			require.Equal(t, field, bad.GetFieldViolations()[0].GetField())
			require.NotEmpty(t, bad.GetFieldViolations()[0].GetDescription())
			return
		}
	}
	t.Fatalf("no field violation: %v", err)
}

func TestDeviceService(t *testing.T) {
	t.Parallel()
	client := trackingv1.NewDeviceServiceClient(newBed(t, peer()).conn)
	ctx := t.Context()
	made, err := client.CreateDevice(ctx, &trackingv1.CreateDeviceRequest{
		DeviceId: "a", Device: &trackingv1.Device{DisplayName: "A", TimeZone: "Asia/Shanghai", Phone: "13800138000"},
	})
	require.NoError(t, err)
	require.Equal(t, "devices/a", made.GetDevice().GetName())
	require.Equal(t, "Asia/Shanghai", made.GetDevice().GetTimeZone())
	require.Equal(t, "+8613800138000", made.GetDevice().GetPhone())

	_, err = client.CreateDevice(ctx, &trackingv1.CreateDeviceRequest{DeviceId: "a"})
	require.Equal(t, codes.AlreadyExists, status.Code(err))
	_, err = client.CreateDevice(ctx, &trackingv1.CreateDeviceRequest{DeviceId: "A"})
	requireViolation(t, err, "device_id")
	_, err = client.CreateDevice(ctx, &trackingv1.CreateDeviceRequest{Device: &trackingv1.Device{TimeZone: "Mars"}})
	requireViolation(t, err, "device.time_zone")
	_, err = client.CreateDevice(ctx, &trackingv1.CreateDeviceRequest{Device: &trackingv1.Device{Phone: "x"}})
	requireViolation(t, err, "device.phone")
	_, err = client.GetDevice(ctx, &trackingv1.GetDeviceRequest{Name: "a"})
	requireViolation(t, err, "name")
	_, err = client.GetDevice(ctx, &trackingv1.GetDeviceRequest{Name: "devices/b"})
	require.Equal(t, codes.NotFound, status.Code(err))

	rotated, err := client.RotateDeviceCredential(ctx, &trackingv1.RotateDeviceCredentialRequest{Name: "devices/a"})
	require.NoError(t, err)
	require.Equal(t, "a", rotated.GetUsername())
	require.NotEmpty(t, rotated.GetPassword())
}

func TestUpdateMask(t *testing.T) {
	t.Parallel()
	client := trackingv1.NewDeviceServiceClient(newBed(t, peer()).conn)
	_, err := client.CreateDevice(t.Context(), &trackingv1.CreateDeviceRequest{
		DeviceId: "a", Device: &trackingv1.Device{DisplayName: "A", Imei: "353451044508750"},
	})
	require.NoError(t, err)
	update := func(device *trackingv1.Device, paths ...string) (*trackingv1.Device, error) {
		device.Name = "devices/a"
		r, err := client.UpdateDevice(t.Context(), &trackingv1.UpdateDeviceRequest{
			Device: device, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths},
		})
		return r.GetDevice(), err
	}
	got, err := update(&trackingv1.Device{DisplayName: "B", Imei: "1"}, "display_name", "create_time")
	require.NoError(t, err)
	require.Equal(t, "B", got.GetDisplayName())
	require.Equal(t, "353451044508750", got.GetImei())

	got, err = update(&trackingv1.Device{Disabled: true})
	require.NoError(t, err)
	require.True(t, got.GetDisabled(), "without a mask what is set is changed")
	require.Equal(t, "B", got.GetDisplayName())

	got, err = update(&trackingv1.Device{DisplayName: "C"}, "*")
	require.NoError(t, err)
	require.Empty(t, got.GetImei())
	require.False(t, got.GetDisabled())

	_, err = update(&trackingv1.Device{}, "colour")
	requireViolation(t, err, "update_mask")
	_, err = update(&trackingv1.Device{Imei: "1"}, "imei")
	requireViolation(t, err, "device.imei")
}

func TestListInPages(t *testing.T) {
	t.Parallel()
	client := trackingv1.NewVehicleServiceClient(newBed(t, peer()).conn)
	for _, id := range []string{"a", "b", "c"} {
		_, err := client.CreateVehicle(t.Context(), &trackingv1.CreateVehicleRequest{VehicleId: id})
		require.NoError(t, err)
	}
	var names []string
	request := &trackingv1.ListVehiclesRequest{PageSize: 2}
	for {
		page, err := client.ListVehicles(t.Context(), request)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.GetVehicles()), 2)
		for _, v := range page.GetVehicles() {
			names = append(names, v.GetName())
		}
		if page.GetNextPageToken() == "" {
			break
		}
		request.PageToken = page.GetNextPageToken()
	}
	require.Equal(t, []string{"vehicles/a", "vehicles/b", "vehicles/c"}, names)
	zero, err := paging.Encode("a\x00")
	require.NoError(t, err)
	for _, token := range []string{"x", zero} {
		_, err := client.ListVehicles(t.Context(), &trackingv1.ListVehiclesRequest{PageToken: token})
		requireViolation(t, err, "page_token")
	}
	_, err = client.CreateVehicle(t.Context(), &trackingv1.CreateVehicleRequest{RequestId: "a\x00"})
	requireViolation(t, err, "request_id")
}

func TestFitDeviceAnswers(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	b.fleet(t)
	client := trackingv1.NewVehicleServiceClient(b.conn)
	_, err := trackingv1.NewDeviceServiceClient(b.conn).CreateDevice(t.Context(), &trackingv1.CreateDeviceRequest{DeviceId: "b"})
	require.NoError(t, err)
	_, err = client.FitDevice(t.Context(), &trackingv1.FitDeviceRequest{Vehicle: "vehicles/x", Device: "devices/b"})
	require.Equal(t, codes.FailedPrecondition, status.Code(err))
	require.ErrorContains(t, err, "secondary")
	_, err = client.FitDevice(t.Context(), &trackingv1.FitDeviceRequest{Vehicle: "vehicles/x", Device: "devices/b", Secondary: true})
	require.NoError(t, err)
	_, err = client.FitDevice(t.Context(), &trackingv1.FitDeviceRequest{Vehicle: "vehicles/y", Device: "devices/b"})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = client.FitDevice(t.Context(), &trackingv1.FitDeviceRequest{
		Vehicle: "vehicles/x", Device: "devices/b", FromTime: &timestamppb.Timestamp{Nanos: -1},
	})
	requireViolation(t, err, "from_time")
	_, err = client.ListVisits(t.Context(), &trackingv1.ListVisitsRequest{
		Vehicle: "vehicles/x", FromTime: &timestamppb.Timestamp{Seconds: 10}, ToTime: &timestamppb.Timestamp{Seconds: 5},
	})
	requireViolation(t, err, "to_time")
}

func TestZoneService(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	client := trackingv1.NewZoneServiceClient(b.conn)
	circle := func(radius float64) *geov1.Area {
		return &geov1.Area{Shape: &geov1.Area_Circle{Circle: &geov1.Circle{
			Center: &geov1.Point{Longitude: 116, Latitude: 39}, Radius: radius,
		}}}
	}
	made, err := client.CreateZone(t.Context(), &trackingv1.CreateZoneRequest{ZoneId: "z", Zone: &trackingv1.Zone{Area: circle(10)}})
	require.NoError(t, err)
	require.InDelta(t, 10, made.GetZone().GetArea().GetCircle().GetRadius(), 0)

	_, err = client.CreateZone(t.Context(), &trackingv1.CreateZoneRequest{Zone: &trackingv1.Zone{}})
	requireViolation(t, err, "zone.area")
	_, err = client.CreateZone(t.Context(), &trackingv1.CreateZoneRequest{Zone: &trackingv1.Zone{Area: circle(-1)}})
	requireViolation(t, err, "zone.area.circle.radius")
	tie := &geov1.Ring{}
	for _, p := range [][2]float64{{0, 0}, {1, 1}, {1, 0}, {0, 1}, {0, 0}} {
		tie.Points = append(tie.Points, &geov1.Point{Longitude: p[0], Latitude: p[1]})
	}
	bad := &geov1.Area{Shape: &geov1.Area_Polygons{Polygons: &geov1.MultiPolygon{Polygons: []*geov1.Polygon{{Rings: []*geov1.Ring{tie}}}}}}
	_, err = client.CreateZone(t.Context(), &trackingv1.CreateZoneRequest{Zone: &trackingv1.Zone{Area: bad}})
	requireViolation(t, err, "zone.area.polygons")

	// As a PATCH of REST names it.
	moved, err := client.UpdateZone(t.Context(), &trackingv1.UpdateZoneRequest{
		Zone:       &trackingv1.Zone{Name: "zones/z", Area: circle(20)},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"area.circle.radius", "area.circle.center.longitude"}},
	})
	require.NoError(t, err)
	require.InDelta(t, 20, moved.GetZone().GetArea().GetCircle().GetRadius(), 0)
	onlyRadius := &geov1.Area{Shape: &geov1.Area_Circle{Circle: &geov1.Circle{Radius: 5}}}
	_, err = client.UpdateZone(t.Context(), &trackingv1.UpdateZoneRequest{
		Zone: &trackingv1.Zone{Name: "zones/z", Area: onlyRadius}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"area.circle.radius"}},
	})
	requireViolation(t, err, "zone.area.circle.center")

	owned, err := client.PutOwnedZone(t.Context(), &trackingv1.PutOwnedZoneRequest{Owner: "facilities/f", Area: circle(5)})
	require.NoError(t, err)
	_, err = client.DeleteZone(t.Context(), &trackingv1.DeleteZoneRequest{Name: owned.GetZone().GetName()})
	require.Equal(t, codes.FailedPrecondition, status.Code(err))
	_, err = client.PutOwnedZone(t.Context(), &trackingv1.PutOwnedZoneRequest{Owner: "facilities/f", Area: &geov1.Area{}})
	requireViolation(t, err, "area")
	_, err = client.DeleteZone(t.Context(), &trackingv1.DeleteZoneRequest{Name: "zones/z"})
	require.NoError(t, err)
}
