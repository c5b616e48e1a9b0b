package crmhttp_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/internal/browsertest"
	"waybill/internal/rpcerr"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
)

// alertService is the alert service.
type alertService struct {
	trackingv1.UnimplementedAlertServiceServer
	*world
}

func (a alertService) ListAlerts(context.Context, *trackingv1.ListAlertsRequest) (*trackingv1.ListAlertsResponse, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return &trackingv1.ListAlertsResponse{Alerts: a.alerts}, nil
}

func (a alertService) AcknowledgeAlert(_ context.Context, r *trackingv1.AcknowledgeAlertRequest) (*trackingv1.AcknowledgeAlertResponse, error) {
	for i, alert := range a.alerts {
		if alert.GetName() == r.GetName() {
			a.change(func() {
				a.alerts[i].AcknowledgeTime, a.alerts[i].AcknowledgedBy = at(time.Now()), "Wang Li"
			})
			return &trackingv1.AcknowledgeAlertResponse{Alert: alert}, nil
		}
	}
	return nil, rpcerr.NotFound(r.GetName())
}

// modemAlertService is that of the gateway.
type modemAlertService struct {
	gatewayv1.UnimplementedAlertServiceServer
	*world
}

func (a modemAlertService) ListAlerts(context.Context, *gatewayv1.ListAlertsRequest) (*gatewayv1.ListAlertsResponse, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return &gatewayv1.ListAlertsResponse{Alerts: a.ofModems}, nil
}

func (a modemAlertService) AcknowledgeAlert(_ context.Context, r *gatewayv1.AcknowledgeAlertRequest) (*gatewayv1.AcknowledgeAlertResponse, error) {
	for i, alert := range a.ofModems {
		if alert.GetName() == r.GetName() {
			a.change(func() {
				a.ofModems[i].AcknowledgeTime, a.ofModems[i].AcknowledgedBy = at(time.Now()), "Wang Li"
			})
			return &gatewayv1.AcknowledgeAlertResponse{Alert: alert}, nil
		}
	}
	return nil, rpcerr.NotFound(r.GetName())
}

// deaf are alerts of modems.
func deaf(now time.Time) []*gatewayv1.Alert {
	return []*gatewayv1.Alert{
		{
			Name: "modemAlerts/2", Condition: gatewayv1.Condition_CONDITION_MEMORY_NEARLY_FULL, Modem: "modems/usb-HUAWEI_Mobile-if00-port0",
			Detail: "SM holds 17 of 20 messages", Value: 85, OpenTime: at(now.Add(-5 * time.Minute)),
		},
		{
			Name: "modemAlerts/1", Condition: gatewayv1.Condition_CONDITION_NOT_REGISTERED, Modem: "modems/usb-SIMCom_SIM7600-if02-port0",
			Value: 120, OpenTime: at(now.Add(-20 * time.Minute)),
		},
	}
}

// trouble is one alert of each kind, open, acknowledged and over.
func trouble(now time.Time) []*trackingv1.Alert {
	ago := func(minutes int) time.Time { return now.Add(-time.Duration(minutes) * time.Minute) }
	return []*trackingv1.Alert{
		{
			Name: "alerts/4", Condition: trackingv1.Condition_CONDITION_SPEEDING, Vehicle: "vehicles/truck-7", Device: "devices/unit-7",
			DisplayName: "沪A Truck 7", Value: 30.2, OpenTime: at(ago(2)),
		},
		{
			Name: "alerts/3", Condition: trackingv1.Condition_CONDITION_SILENT, Vehicle: "vehicles/truck-6", Device: "devices/unit-6",
			DisplayName: "沪A Truck 6", Value: 1800, OpenTime: at(ago(70)),
		},
		{
			Name: "alerts/2", Condition: trackingv1.Condition_CONDITION_DWELLING, Vehicle: "vehicles/truck-11", Device: "devices/unit-11",
			DisplayName: "沪A Truck 11", Zone: "zones/yard", ZoneDisplayName: "Jiading hub", Value: 7200, OpenTime: at(ago(95)),
			AcknowledgeTime: at(ago(80)), AcknowledgedBy: "Zhao Min",
		},
		{
			Name: "alerts/1", Condition: trackingv1.Condition_CONDITION_SHOCK, Vehicle: "vehicles/truck-4", Device: "devices/unit-4",
			DisplayName: "沪A Truck 4", OpenTime: at(ago(30)), CloseTime: at(ago(29)),
		},
	}
}

// help is a call for help that is older than all other trouble.
func help(now time.Time) *trackingv1.Alert {
	return &trackingv1.Alert{
		Name: "alerts/5", Condition: trackingv1.Condition_CONDITION_SOS, Vehicle: "vehicles/truck-9", Device: "devices/unit-9",
		DisplayName: "沪A Truck 9", OpenTime: at(now.Add(-3 * time.Hour)),
	}
}

func TestDispatcherWorksThroughAlerts(t *testing.T) {
	t.Parallel()
	needsPages(t)
	now := time.Now()
	s := start(t, nil)
	s.change(func() { s.fleet, s.track, s.alerts = company(now, 40), day(now), trouble(now) })
	page := signedIn(t, browsertest.Start(t), s)
	page.WaitFor(`document.documentElement.dataset.alerts === "4"`)
	require.Equal(t, "Needs a hand: 4", page.Text("#alerts-title"))
	require.Equal(t, "Too fast: 109 km/h", page.Text(`[data-alert="alerts/4"] .what`))
	picture(page, "fleet-alerts")

	page.Click(`[data-alert="alerts/4"] .acknowledge`)
	page.WaitFor(`document.querySelector('[data-alert="alerts/4"]').innerText.includes("Wang Li sees to it")`)
	page.Click(`[data-alert="alerts/4"] .alert`)
	page.WaitFor(`document.getElementById("vehicle-title").innerText === "沪A Truck 7"`)
	page.Click("#back")

	s.change(func() { s.alerts, s.ofModems = nil, deaf(now) })
	page.WaitFor(`document.documentElement.dataset.alerts === "2"`)
	require.Equal(t, "Modem usb-HUAWEI_Mobile-if00-port0", page.Text(`[data-alert="modemAlerts/2"] .title`))
	require.Equal(t, "Memory 85 % full: a full one receives no texts", page.Text(`[data-alert="modemAlerts/2"] .what`))
	picture(page, "fleet-alerts-modems")
	page.Click(`[data-alert="modemAlerts/2"] .acknowledge`)
	page.WaitFor(`document.querySelector('[data-alert="modemAlerts/2"]').innerText.includes("Wang Li sees to it")`)

	// A call for help comes first, and calls who looks elsewhere.
	s.change(func() { s.ofModems = nil; s.alerts = append(trouble(now), help(now)) })
	page.WaitFor(`document.title.startsWith("Calls for help (SOS): 沪A Truck 9")`)
	page.WaitFor(`document.querySelector("#alert-rows li").dataset.alert === "alerts/5"`)
	picture(page, "fleet-alerts-sos")
	page.Click(`[data-alert="alerts/5"] .acknowledge`)
	page.WaitFor(`!document.title.includes("SOS")`)

	s.change(func() { s.alerts = nil })
	page.WaitFor(`document.getElementById("alerts").hidden`)
	require.Empty(t, page.Problems())
}
