package rpc_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"waybill/gateway/modem/watch"
	"waybill/gateway/postgres"
	"waybill/gateway/rpc"
	"waybill/internal/access"
	"waybill/internal/pgtest"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

func TestAlertsOfModems(t *testing.T) {
	t.Parallel()
	store := postgres.NewModemAlerts(pgtest.New(t))
	server := rpc.NewAlertServer(store, slog.New(slog.DiscardHandler))
	begin := time.Now().UTC().Truncate(time.Microsecond)
	var changes []watch.Alert
	for i, c := range watch.Conditions() {
		changes = append(changes, watch.Alert{
			Gateway: "here", Modem: "usb-A", Condition: c, Value: float64(i), Detail: "as found", Opened: begin.Add(time.Duration(i) * time.Second),
		})
	}
	over := changes[0]
	over.Closed = begin.Add(time.Hour)
	require.NoError(t, store.RecordAlerts(t.Context(), append(changes, over)))

	all, err := server.ListAlerts(t.Context(), &gatewayv1.ListAlertsRequest{})
	require.NoError(t, err)
	require.Len(t, all.GetAlerts(), len(watch.Conditions()))
	seen := map[gatewayv1.Condition]bool{}
	for _, a := range all.GetAlerts() {
		require.Equal(t, "modems/usb-A", a.GetModem())
		seen[a.GetCondition()] = true
	}
	require.Len(t, seen, len(gatewayv1.Condition_name)-1, "each has a word of its own")
	require.NotContains(t, seen, gatewayv1.Condition_CONDITION_UNSPECIFIED)
	last := all.GetAlerts()[len(all.GetAlerts())-1]
	require.Equal(t, gatewayv1.Condition_CONDITION_MEMORY_NEARLY_FULL, last.GetCondition(), "those that hold come first")
	require.NotNil(t, last.GetCloseTime())

	page, err := server.ListAlerts(t.Context(), &gatewayv1.ListAlertsRequest{PageSize: 4, State: gatewayv1.AlertState_ALERT_STATE_OPEN})
	require.NoError(t, err)
	page, err = server.ListAlerts(t.Context(), &gatewayv1.ListAlertsRequest{PageSize: 4, State: gatewayv1.AlertState_ALERT_STATE_OPEN, PageToken: page.GetNextPageToken()})
	require.NoError(t, err)
	require.Len(t, page.GetAlerts(), len(watch.Conditions())-1-4)

	ctx := access.WithCaller(t.Context(), access.Caller{Role: access.Dispatcher, DisplayName: "Wang Li"})
	done, err := server.AcknowledgeAlert(ctx, &gatewayv1.AcknowledgeAlertRequest{Name: last.GetName()})
	require.NoError(t, err)
	require.Equal(t, "Wang Li", done.GetAlert().GetAcknowledgedBy())
	got, err := server.GetAlert(t.Context(), &gatewayv1.GetAlertRequest{Name: last.GetName()})
	require.NoError(t, err)
	require.NotNil(t, got.GetAlert().GetAcknowledgeTime())
	one, err := server.ListAlerts(t.Context(), &gatewayv1.ListAlertsRequest{Modem: "modems/usb-A", Condition: gatewayv1.Condition_CONDITION_HANGING})
	require.NoError(t, err)
	require.Len(t, one.GetAlerts(), 1)

	for want, call := range map[codes.Code]func() error{
		codes.NotFound: func() error {
			_, err := server.GetAlert(t.Context(), &gatewayv1.GetAlertRequest{Name: "modemAlerts/12345"})
			return err
		},
		codes.InvalidArgument: func() error {
			_, err := server.GetAlert(t.Context(), &gatewayv1.GetAlertRequest{Name: "alerts/1"})
			return err
		},
	} {
		require.Equal(t, want, status.Code(call()))
	}
	for _, wrong := range []*gatewayv1.ListAlertsRequest{{State: 9}, {Condition: 99}, {Modem: "usb-A"}, {PageToken: "x"}} {
		_, err := server.ListAlerts(t.Context(), wrong)
		require.Equal(t, codes.InvalidArgument, status.Code(err), wrong)
	}
}
