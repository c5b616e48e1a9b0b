package rpc_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"waybill/internal/access"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// speeding is a report of device a on vehicle x, at 30 m/s now.
func speeding(at time.Time) tracking.Report {
	r := tracking.Report{Device: "a", Received: at, Source: "test", Fix: tracking.NewFix(at, [2]float64{121, 31})}
	r.Fix.Speed = 30
	return r
}

func TestAlertService(t *testing.T) {
	t.Parallel()
	b := newBed(t, access.Caller{Role: access.Dispatcher, Token: "abc", DisplayName: "Wang Li"})
	b.fleet(t)
	devices := trackingv1.NewDeviceServiceClient(b.conn)
	_, err := devices.UpdateDevice(t.Context(), &trackingv1.UpdateDeviceRequest{Device: &trackingv1.Device{
		Name: "devices/a", Limits: &trackingv1.DeviceLimits{Speed: proto.Float64(25)},
	}})
	require.NoError(t, err)
	now := time.Now()
	b.deliver(t, speeding(now))

	client := trackingv1.NewAlertServiceClient(b.conn)
	list, err := client.ListAlerts(t.Context(), &trackingv1.ListAlertsRequest{
		State: trackingv1.AlertState_ALERT_STATE_OPEN, Vehicle: "vehicles/x", Condition: trackingv1.Condition_CONDITION_SPEEDING,
	})
	require.NoError(t, err)
	require.Len(t, list.GetAlerts(), 1)
	alert := list.GetAlerts()[0]
	require.Equal(t, "devices/a", alert.GetDevice())
	require.Equal(t, "Truck x", alert.GetDisplayName())
	require.InDelta(t, 30, alert.GetValue(), 0)
	require.Nil(t, alert.GetCloseTime())
	require.Nil(t, alert.GetAcknowledgeTime())

	acknowledged, err := client.AcknowledgeAlert(t.Context(), &trackingv1.AcknowledgeAlertRequest{Name: alert.GetName()})
	require.NoError(t, err)
	require.Equal(t, "Wang Li", acknowledged.GetAlert().GetAcknowledgedBy())
	got, err := client.GetAlert(t.Context(), &trackingv1.GetAlertRequest{Name: alert.GetName()})
	require.NoError(t, err)
	require.True(t, proto.Equal(acknowledged.GetAlert(), got.GetAlert()))

	for _, name := range []string{"vehicles/x", "devices/a"} {
		held, err := client.ListConditions(t.Context(), &trackingv1.ListConditionsRequest{Name: name})
		require.NoError(t, err)
		require.Len(t, held.GetConditions(), 1)
		require.Equal(t, trackingv1.Condition_CONDITION_SPEEDING, held.GetConditions()[0].GetCondition())
	}

	_, err = client.GetAlert(t.Context(), &trackingv1.GetAlertRequest{Name: "alerts/999"})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = client.GetAlert(t.Context(), &trackingv1.GetAlertRequest{Name: "alerts/x"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = client.ListConditions(t.Context(), &trackingv1.ListConditionsRequest{Name: "vehicles/none"})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = client.ListAlerts(t.Context(), &trackingv1.ListAlertsRequest{State: 9})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

func TestListAlertsAndConditionsInPages(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	b.fleet(t)
	_, err := b.pool.Exec(t.Context(), `
insert into tracking.alert (device_id, condition, zone_id, open_time)
select id, 'shock', i, now() from tracking.device, generate_series(1, 5) i where uid = 'a'`)
	require.NoError(t, err)
	_, err = b.pool.Exec(t.Context(), `
insert into tracking.condition (device_id, time, condition, began)
select id, '2026-03-02 08:00Z', c, true from tracking.device, unnest('{shock,tilt,speeding,door_open,low_battery}'::text[]) c where uid = 'a'`)
	require.NoError(t, err)
	client := trackingv1.NewAlertServiceClient(b.conn)

	seen := make(map[string]bool)
	for token, first := "", true; first || token != ""; first = false {
		page, err := client.ListAlerts(t.Context(), &trackingv1.ListAlertsRequest{PageSize: 2, PageToken: token})
		require.NoError(t, err)
		for _, alert := range page.GetAlerts() {
			require.False(t, seen[alert.GetName()])
			seen[alert.GetName()] = true
		}
		token = page.GetNextPageToken()
	}
	require.Len(t, seen, 5)

	conditions := make(map[trackingv1.Condition]bool)
	for token, first := "", true; first || token != ""; first = false {
		page, err := client.ListConditions(t.Context(), &trackingv1.ListConditionsRequest{Name: "devices/a", PageSize: 2, PageToken: token})
		require.NoError(t, err)
		for _, held := range page.GetConditions() {
			require.False(t, conditions[held.GetCondition()])
			conditions[held.GetCondition()] = true
		}
		token = page.GetNextPageToken()
	}
	require.Len(t, conditions, 5)
}

func TestDeviceLimits(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	client := trackingv1.NewDeviceServiceClient(b.conn)
	limits := &trackingv1.DeviceLimits{
		Speed: proto.Float64(25), MinTemperature: proto.Float64(-20), MaxTemperature: proto.Float64(0), Tilt: proto.Float64(30),
		DoorOpen: true, SilentAfter: durationpb.New(45 * time.Minute),
	}
	created, err := client.CreateDevice(t.Context(), &trackingv1.CreateDeviceRequest{DeviceId: "u", Device: &trackingv1.Device{Limits: limits}})
	require.NoError(t, err)
	require.True(t, proto.Equal(limits, created.GetDevice().GetLimits()))
	update := func(limits *trackingv1.DeviceLimits, paths ...string) (*trackingv1.DeviceLimits, error) {
		updated, err := client.UpdateDevice(t.Context(), &trackingv1.UpdateDeviceRequest{
			Device: &trackingv1.Device{Name: "devices/u", Limits: limits}, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths},
		})
		return updated.GetDevice().GetLimits(), err
	}
	kept, err := update(nil, "display_name")
	require.NoError(t, err)
	require.True(t, proto.Equal(limits, kept))
	never, err := update(&trackingv1.DeviceLimits{SilentAfter: &durationpb.Duration{}}, "limits")
	require.NoError(t, err)
	require.True(t, proto.Equal(&trackingv1.DeviceLimits{SilentAfter: &durationpb.Duration{}}, never))
	none, err := update(nil, "limits")
	require.NoError(t, err)
	require.Nil(t, none)

	for name, bad := range map[string]*trackingv1.DeviceLimits{
		"speed":           {Speed: proto.Float64(-1)},
		"tilt":            {Tilt: proto.Float64(181)},
		"min_temperature": {MinTemperature: proto.Float64(-300)},
		"max_temperature": {MinTemperature: proto.Float64(4), MaxTemperature: proto.Float64(4)},
		"silent_after":    {SilentAfter: durationpb.New(time.Second)},
	} {
		_, err := update(bad, "limits")
		require.Equal(t, codes.InvalidArgument, status.Code(err), name)
		require.ErrorContains(t, err, "device.limits."+name)
	}
}

func TestPositionsSayMotion(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	b.fleet(t)
	now := time.Now().UTC().Truncate(time.Second)
	b.deliver(t, speeding(now.Add(-time.Minute)))
	next := speeding(now)
	next.Fix.Position[0] += 0.01
	b.deliver(t, next)

	client := trackingv1.NewFixServiceClient(b.conn)
	got, err := client.GetPosition(t.Context(), &trackingv1.GetPositionRequest{Name: "vehicles/x"})
	require.NoError(t, err)
	require.Equal(t, trackingv1.Motion_MOTION_MOVING, got.GetPosition().GetMotion())
	require.Equal(t, now.Add(-time.Minute), got.GetPosition().GetMotionStartTime().AsTime())
	require.InEpsilon(t, 953, got.GetPosition().GetOdometer(), 0.01)

	position, err := b.client.Position(t.Context(), "x")
	require.NoError(t, err)
	stored, err := b.history.Position(t.Context(), "x")
	require.NoError(t, err)
	require.Equal(t, stored.Motion, position.Motion, "another process reads the same")
}

// A unit whose clock is decades ahead is told so, and the marker moves on with the next
// fix of today.
func TestADateInTheFutureFreezesNothing(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	b.fleet(t)
	now := time.Now().UTC().Truncate(time.Second)
	b.deliver(t, speeding(now.Add(-time.Minute)))
	ahead := speeding(time.Date(2099, time.January, 1, 0, 0, 0, 0, time.UTC))
	ahead.Received = now
	outcomes, err := b.ingester.Deliver(t.Context(), []tracking.Report{ahead})
	require.NoError(t, err)
	require.Equal(t, tracking.Rejected, outcomes[0].Kind)
	require.Equal(t, tracking.ReasonFuture, outcomes[0].Reason)
	b.deliver(t, speeding(now))
	position, err := b.history.Position(t.Context(), "x")
	require.NoError(t, err)
	require.Equal(t, now, position.Fix.Time)
}
