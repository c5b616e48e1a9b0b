package rpc_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"waybill/internal/access"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

func TestEventsOfDevicesTravel(t *testing.T) {
	t.Parallel()
	b := newBed(t, peer())
	b.fleet(t)
	now := time.Now().UTC().Truncate(time.Microsecond)
	event := tracking.DeviceEvent{
		Device: "a", ID: "text-1", Kind: "sos", Time: now.Add(-time.Second), Received: now, Source: "sms/coban", Text: "help me! 救命",
	}
	for _, want := range []tracking.OutcomeKind{tracking.Stored, tracking.Duplicate} {
		outcome, err := b.client.RecordDeviceEvent(t.Context(), event)
		require.NoError(t, err)
		require.Equal(t, want, outcome.Kind)
	}
	for reason, wrong := range map[tracking.Reason]tracking.DeviceEvent{
		tracking.ReasonUnknownDevice: {Device: "nobody", ID: "1", Kind: "sos", Time: now, Received: now},
		tracking.ReasonValue:         {Device: "a", ID: "1", Kind: "sos", Time: now, Received: now, Text: "\xff"},
		tracking.ReasonFuture:        {Device: "a", ID: "1", Kind: "sos", Time: now.Add(time.Hour), Received: now},
	} {
		outcome, err := b.client.RecordDeviceEvent(t.Context(), wrong)
		require.NoError(t, err)
		require.Equal(t, tracking.Rejected, outcome.Kind)
		require.Equal(t, reason, outcome.Reason)
	}

	alerts, err := trackingv1.NewAlertServiceClient(b.conn).ListAlerts(t.Context(), &trackingv1.ListAlertsRequest{
		Condition: trackingv1.Condition_CONDITION_SOS,
	})
	require.NoError(t, err)
	require.Len(t, alerts.GetAlerts(), 1)
	require.Equal(t, "vehicles/x", alerts.GetAlerts()[0].GetVehicle())
	list, err := trackingv1.NewDeviceEventServiceClient(b.conn).ListDeviceEvents(t.Context(), &trackingv1.ListDeviceEventsRequest{Parent: "devices/a"})
	require.NoError(t, err)
	require.Len(t, list.GetEvents(), 1)
	got := list.GetEvents()[0]
	require.Equal(t, event.Text, got.GetText())
	require.Equal(t, "sms/coban", got.GetSource())
	require.Equal(t, "vehicles/x", got.GetVehicle())
	require.Equal(t, event.Time, got.GetEventTime().AsTime())
	require.Equal(t, event.Received, got.GetReceiveTime().AsTime())

	b.server.stop()
	_, err = b.client.RecordDeviceEvent(t.Context(), event)
	require.ErrorIs(t, err, tracking.ErrUnavailable, "the text stays where it is")
}

func TestDevicesReportTheirOwnEvents(t *testing.T) {
	t.Parallel()
	b := newBed(t, access.Caller{Role: access.Device, Device: "devices/a"})
	b.fleet(t)
	client := trackingv1.NewDeviceEventServiceClient(b.conn)
	for i := range 3 {
		r, err := client.RecordDeviceEvent(t.Context(), &trackingv1.RecordDeviceEventRequest{
			Parent: "devices/a", Event: &trackingv1.DeviceEvent{EventId: string(rune('a' + i)), Kind: "moved", Source: "sms/claimed"},
		})
		require.NoError(t, err)
		require.Equal(t, trackingv1.FixOutcome_FIX_OUTCOME_STORED, r.GetOutcome())
	}
	_, err := client.RecordDeviceEvent(t.Context(), &trackingv1.RecordDeviceEventRequest{Parent: "devices/b"})
	require.Equal(t, codes.PermissionDenied, status.Code(err))
	_, err = client.RecordDeviceEvent(t.Context(), &trackingv1.RecordDeviceEventRequest{Parent: "b"})
	requireViolation(t, err, "parent")

	var ids []string
	request := &trackingv1.ListDeviceEventsRequest{Parent: "devices/a", PageSize: 2}
	for {
		page, err := client.ListDeviceEvents(t.Context(), request)
		require.NoError(t, err)
		for _, event := range page.GetEvents() {
			require.Equal(t, "grpc", event.GetSource(), "only gateways say where it came from")
			ids = append(ids, event.GetEventId())
		}
		if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
			break
		}
	}
	require.Equal(t, []string{"c", "b", "a"}, ids)
	_, err = client.ListDeviceEvents(t.Context(), &trackingv1.ListDeviceEventsRequest{Parent: "devices/nobody"})
	require.Equal(t, codes.NotFound, status.Code(err))
}
