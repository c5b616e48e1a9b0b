package rpc

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"waybill/gateway/modem/watch"
	"waybill/internal/access"
	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
	"waybill/tracking"
)

const modemAlerts = "modemAlerts/"

// ModemAlerts is what of modems was told. Every method may fail with tracking.ErrUnavailable.
type ModemAlerts interface {
	// Alerts lists those that hold first, the newest first.
	Alerts(ctx context.Context, filter watch.Filter, page watch.Page) ([]watch.Alert, error)
	// Alert returns one, or tracking.ErrNotFound.
	Alert(ctx context.Context, id int64) (watch.Alert, error)
	// AcknowledgeAlert notes who sees to it. The first to say so stays. It fails with tracking.ErrNotFound.
	AcknowledgeAlert(ctx context.Context, id int64, by string) (watch.Alert, error)
}

// AlertServer serves AlertService.
type AlertServer struct {
	gatewayv1.UnimplementedAlertServiceServer
	alerts ModemAlerts
	log    *slog.Logger
}

// NewAlertServer makes the server.
func NewAlertServer(alerts ModemAlerts, log *slog.Logger) *AlertServer {
	return &AlertServer{alerts: alerts, log: log}
}

// alertToken is the last alert of a page.
type alertToken struct {
	Open   bool
	Opened time.Time
	ID     int64
}

// ListAlerts lists alerts: those that hold first, the newest first.
func (s *AlertServer) ListAlerts(ctx context.Context, q *gatewayv1.ListAlertsRequest) (*gatewayv1.ListAlertsResponse, error) {
	filter, err := modemAlertFilter(q)
	if err != nil {
		return nil, err
	}
	var after alertToken
	if err := paging.Decode(q.GetPageToken(), &after); err != nil {
		return nil, rpcerr.From(err)
	}
	size := paging.Size(q.GetPageSize(), usualPage, mostPage)
	rows, err := s.alerts.Alerts(ctx, filter, watch.Page{Open: after.Open, Opened: after.Opened, ID: after.ID, Size: size + 1})
	if err != nil {
		return nil, s.failed(ctx, modemAlerts, err)
	}
	page, next, err := paging.Cut(rows, size, func(a watch.Alert) any {
		return alertToken{Open: a.Closed.IsZero(), Opened: a.Opened, ID: a.ID}
	})
	if err != nil {
		return nil, rpcerr.From(err)
	}
	response := &gatewayv1.ListAlertsResponse{NextPageToken: next}
	for i := range page {
		response.Alerts = append(response.Alerts, modemAlertToWire(&page[i]))
	}
	return response, nil
}

func modemAlertFilter(q *gatewayv1.ListAlertsRequest) (watch.Filter, error) {
	var filter watch.Filter
	switch q.GetState() {
	case gatewayv1.AlertState_ALERT_STATE_UNSPECIFIED:
	case gatewayv1.AlertState_ALERT_STATE_OPEN:
		filter.State = watch.Open
	case gatewayv1.AlertState_ALERT_STATE_PENDING:
		filter.State = watch.Pending
	default:
		return filter, rpcerr.Invalid(rpcerr.Field("state", "use ALERT_STATE_OPEN or ALERT_STATE_PENDING, or leave it out for all"))
	}
	if c := q.GetCondition(); c != gatewayv1.Condition_CONDITION_UNSPECIFIED {
		if filter.Condition = conditionFromWire(c); filter.Condition == "" {
			return filter, rpcerr.Invalid(rpcerr.Field("condition", "there is no such condition; leave it out for all"))
		}
	}
	if q.GetModem() != "" {
		var isModem bool
		if filter.Modem, isModem = strings.CutPrefix(q.GetModem(), modems); !isModem || filter.Modem == "" {
			return filter, rpcerr.Invalid(rpcerr.Field("modem", "give the modem's resource name, such as modems/usb-modem"))
		}
	}
	return filter, nil
}

// GetAlert returns one alert.
func (s *AlertServer) GetAlert(ctx context.Context, q *gatewayv1.GetAlertRequest) (*gatewayv1.GetAlertResponse, error) {
	id, err := modemAlertID(q.GetName())
	if err != nil {
		return nil, err
	}
	alert, err := s.alerts.Alert(ctx, id)
	if err != nil {
		return nil, s.failed(ctx, q.GetName(), err)
	}
	return &gatewayv1.GetAlertResponse{Alert: modemAlertToWire(&alert)}, nil
}

// AcknowledgeAlert notes that the caller sees to it.
func (s *AlertServer) AcknowledgeAlert(ctx context.Context, q *gatewayv1.AcknowledgeAlertRequest) (*gatewayv1.AcknowledgeAlertResponse, error) {
	id, err := modemAlertID(q.GetName())
	if err != nil {
		return nil, err
	}
	caller := access.FromContext(ctx)
	by := caller.DisplayName
	if by == "" {
		by = "tokens/" + caller.Token
	}
	alert, err := s.alerts.AcknowledgeAlert(ctx, id, by)
	if err != nil {
		return nil, s.failed(ctx, q.GetName(), err)
	}
	return &gatewayv1.AcknowledgeAlertResponse{Alert: modemAlertToWire(&alert)}, nil
}

func (s *AlertServer) failed(ctx context.Context, name string, err error) error {
	switch {
	case errors.Is(err, tracking.ErrNotFound):
		return rpcerr.NotFound(name)
	case tracking.IsRetryable(err):
		return rpcerr.New(codes.Unavailable, "STORE_UNAVAILABLE", "the database is not available now; try again in a moment")
	}
	if ctx.Err() == nil {
		s.log.ErrorContext(ctx, "call failed", slog.Any("error", err), slog.String("resource", name))
	}
	return rpcerr.From(err)
}

func modemAlertID(name string) (int64, error) {
	id, isAlert := strings.CutPrefix(name, modemAlerts)
	n, err := strconv.ParseInt(id, 10, 64)
	if !isAlert || err != nil || n <= 0 {
		return 0, rpcerr.Invalid(rpcerr.Field("name", "give a name like modemAlerts/123; ListAlerts shows them"))
	}
	return n, nil
}

func modemAlertToWire(a *watch.Alert) *gatewayv1.Alert {
	return &gatewayv1.Alert{
		Name: modemAlerts + strconv.FormatInt(a.ID, 10), Condition: conditionToWire(a.Condition), Modem: modems + a.Modem,
		Gateway: a.Gateway, Detail: a.Detail, Value: a.Value, OpenTime: timeOrNil(a.Opened), CloseTime: timeOrNil(a.Closed),
		AcknowledgeTime: timeOrNil(a.Acknowledged), AcknowledgedBy: a.AcknowledgedBy,
	}
}

func conditionToWire(c watch.Condition) gatewayv1.Condition {
	switch c {
	case watch.MemoryNearlyFull:
		return gatewayv1.Condition_CONDITION_MEMORY_NEARLY_FULL
	case watch.WeakSignal:
		return gatewayv1.Condition_CONDITION_WEAK_SIGNAL
	case watch.NotRegistered:
		return gatewayv1.Condition_CONDITION_NOT_REGISTERED
	case watch.Hanging:
		return gatewayv1.Condition_CONDITION_HANGING
	case watch.PINRefused:
		return gatewayv1.Condition_CONDITION_PIN_REFUSED
	case watch.SIMMissing:
		return gatewayv1.Condition_CONDITION_SIM_MISSING
	case watch.Unplugged:
		return gatewayv1.Condition_CONDITION_UNPLUGGED
	}
	return gatewayv1.Condition_CONDITION_UNSPECIFIED
}

// conditionFromWire gives nothing for what is none.
func conditionFromWire(wire gatewayv1.Condition) watch.Condition {
	for _, c := range watch.Conditions() {
		if conditionToWire(c) == wire {
			return c
		}
	}
	return ""
}
