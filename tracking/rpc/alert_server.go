package rpc

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"waybill/internal/access"
	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// AlertHistory is what an [AlertServer] needs.
type AlertHistory interface {
	tracking.Alerts
	tracking.Conditions
}

// AlertServer serves AlertService.
type AlertServer struct {
	trackingv1.UnimplementedAlertServiceServer
	alerts AlertHistory
	log    *slog.Logger
}

// NewAlertServer returns a server over what was told.
func NewAlertServer(alerts AlertHistory, log *slog.Logger) *AlertServer {
	return &AlertServer{alerts: alerts, log: log}
}

// alertToken is the last alert of a page.
type alertToken struct {
	Open   bool
	Opened time.Time
	ID     int64
}

// ListAlerts lists alerts: those that hold first, the newest first.
func (s *AlertServer) ListAlerts(ctx context.Context, r *trackingv1.ListAlertsRequest) (*trackingv1.ListAlertsResponse, error) {
	filter, err := alertFilter(r)
	if err != nil {
		return nil, err
	}
	var after alertToken
	if err := paging.Decode(r.GetPageToken(), &after); err != nil {
		return nil, rpcerr.From(err)
	}
	size := paging.Size(r.GetPageSize(), usualPage, largestPage)
	rows, err := s.alerts.Alerts(ctx, filter, tracking.AlertPage{Open: after.Open, Opened: after.Opened, ID: after.ID, Size: size + 1})
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: alerts})
	}
	page, next, err := paging.Cut(rows, size, func(a tracking.Alert) any {
		return alertToken{Open: a.Closed.IsZero(), Opened: a.Opened, ID: a.ID}
	})
	if err != nil {
		return nil, rpcerr.From(err)
	}
	response := &trackingv1.ListAlertsResponse{NextPageToken: next}
	for i := range page {
		response.Alerts = append(response.Alerts, alertToWire(&page[i]))
	}
	return response, nil
}

func alertFilter(r *trackingv1.ListAlertsRequest) (tracking.AlertFilter, error) {
	var filter tracking.AlertFilter
	var err error
	switch r.GetState() {
	case trackingv1.AlertState_ALERT_STATE_UNSPECIFIED:
	case trackingv1.AlertState_ALERT_STATE_OPEN:
		filter.State = tracking.OpenAlert
	case trackingv1.AlertState_ALERT_STATE_PENDING:
		filter.State = tracking.PendingAlert
	default:
		return filter, rpcerr.Invalid(rpcerr.Field("state", "use ALERT_STATE_OPEN or ALERT_STATE_PENDING, or leave it out for all"))
	}
	if r.GetCondition() != trackingv1.Condition_CONDITION_UNSPECIFIED {
		var known bool
		if filter.Condition, known = conditionFromWire(r.GetCondition()); !known {
			return filter, rpcerr.Invalid(rpcerr.Field("condition", "there is no such condition; leave it out for all"))
		}
	}
	if r.GetVehicle() != "" {
		if filter.Vehicle, err = uidOf(vehicles, "vehicle", r.GetVehicle()); err != nil {
			return filter, err
		}
	}
	if r.GetDevice() != "" {
		filter.Device, err = uidOf(devices, "device", r.GetDevice())
	}
	return filter, err
}

// GetAlert returns one alert.
func (s *AlertServer) GetAlert(ctx context.Context, r *trackingv1.GetAlertRequest) (*trackingv1.GetAlertResponse, error) {
	id, err := alertID(r.GetName())
	if err != nil {
		return nil, err
	}
	alert, err := s.alerts.Alert(ctx, id)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetName()})
	}
	return &trackingv1.GetAlertResponse{Alert: alertToWire(&alert)}, nil
}

// AcknowledgeAlert notes that the caller sees to it.
func (s *AlertServer) AcknowledgeAlert(ctx context.Context, r *trackingv1.AcknowledgeAlertRequest) (*trackingv1.AcknowledgeAlertResponse, error) {
	id, err := alertID(r.GetName())
	if err != nil {
		return nil, err
	}
	caller := access.FromContext(ctx)
	by := caller.DisplayName
	if by == "" {
		by = resourceName("tokens", caller.Token)
	}
	alert, err := s.alerts.AcknowledgeAlert(ctx, id, by)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetName()})
	}
	return &trackingv1.AcknowledgeAlertResponse{Alert: alertToWire(&alert)}, nil
}

// ListConditions lists when conditions began and ended.
func (s *AlertServer) ListConditions(ctx context.Context, r *trackingv1.ListConditionsRequest) (*trackingv1.ListConditionsResponse, error) {
	query := tracking.HeldQuery{Size: paging.Size(r.GetPageSize(), usualPage, largestPage) + 1}
	collection, uid := vehicles, &query.Vehicle
	if strings.HasPrefix(r.GetName(), devices+"/") {
		collection, uid = devices, &query.Device
	}
	var err error
	if *uid, err = uidOf(collection, "name", r.GetName()); err != nil {
		return nil, err
	}
	if query.From, query.To, err = timeRange(r.GetFromTime(), r.GetToTime()); err != nil {
		return nil, err
	}
	if r.GetPageToken() != "" {
		query.After = new(tracking.HeldKey)
		if err := paging.Decode(r.GetPageToken(), query.After); err != nil {
			return nil, rpcerr.From(err)
		}
	}
	rows, err := s.alerts.Conditions(ctx, query)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetName()})
	}
	page, next, err := paging.Cut(rows, query.Size-1, func(c tracking.Held) any {
		return tracking.HeldKey{Began: c.Began, Device: c.Device, Condition: c.Condition, Zone: c.Zone}
	})
	if err != nil {
		return nil, rpcerr.From(err)
	}
	response := &trackingv1.ListConditionsResponse{NextPageToken: next}
	for _, c := range page {
		response.Conditions = append(response.Conditions, heldToWire(c))
	}
	return response, nil
}

func alertID(name string) (int64, error) {
	id, ok := strings.CutPrefix(name, alerts+"/")
	n, err := strconv.ParseInt(id, 10, 64)
	if !ok || err != nil || n <= 0 {
		return 0, rpcerr.Invalid(rpcerr.Field("name", "give a name like alerts/123; ListAlerts shows them"))
	}
	return n, nil
}
