package rpc

import (
	"math"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/crm"
	"waybill/crm/order"
	crmv1 "waybill/proto/waybill/crm/v1"
)

// stamp is absent for the zero time.
func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// moment is zero for an absent time.
func moment(field string, t *timestamppb.Timestamp) (time.Time, error) {
	if t == nil {
		return time.Time{}, nil
	}
	if err := t.CheckValid(); err != nil {
		return time.Time{}, crm.Invalid(field, "give a time from year 1 to 9999")
	}
	return t.AsTime(), nil
}

// known is absent for what is unknown.
func known(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}

func statusOf(s order.Status) crmv1.Status {
	return crmv1.Status(crmv1.Status_value["STATUS_"+strings.ToUpper(string(s))])
}

func status(s crmv1.Status) order.Status {
	return order.Status(strings.ToLower(strings.TrimPrefix(s.String(), "STATUS_")))
}

func stageOf(s order.Stage) crmv1.Stage {
	return crmv1.Stage(crmv1.Stage_value["STAGE_"+strings.ToUpper(string(s))])
}

func windowOf(w order.Window) *crmv1.TimeWindow {
	if w == (order.Window{}) {
		return nil
	}
	return &crmv1.TimeWindow{StartTime: stamp(w.From), EndTime: stamp(w.To)}
}

func window(w *crmv1.TimeWindow) (order.Window, error) {
	from, err := moment("order.promised_window.start_time", w.GetStartTime())
	if err != nil {
		return order.Window{}, err
	}
	to, err := moment("order.promised_window.end_time", w.GetEndTime())
	return order.Window{From: from, To: to}, err
}
