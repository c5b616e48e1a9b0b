package crmhttp

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking/export"
)

// trackQuery reads what a file is to hold, and in which format.
func trackQuery(r *http.Request) (*trackingv1.StreamTrackRequest, export.Format, error) {
	query := r.URL.Query()
	request := &trackingv1.StreamTrackRequest{}
	var violations []rpcerr.Violation
	format, ok := trackFormat(query.Get("format"))
	if !ok {
		violations = append(violations, rpcerr.Field("format", "write one of "+strings.Join(formatNames(), ", ")))
	}
	for _, bound := range []struct {
		name string
		to   **timestamppb.Timestamp
	}{{"from", &request.FromTime}, {"to", &request.ToTime}} {
		at, err := trackTime(query, bound.name)
		if err != nil {
			violations = append(violations, rpcerr.Field(bound.name, "write a time like 2026-03-04T00:00:00Z"))
		}
		*bound.to = at
	}
	from, to := request.GetFromTime(), request.GetToTime()
	if from != nil && to != nil && !from.AsTime().Before(to.AsTime()) {
		violations = append(violations, rpcerr.Field("to", "must be later than from"))
	}
	if text := query.Get("tolerance"); text != "" {
		metres, err := strconv.ParseFloat(text, 64)
		if err != nil || !(metres >= 0) || math.IsInf(metres, 0) {
			violations = append(violations, rpcerr.Field("tolerance", "write a distance in metres like 10"))
		}
		request.Tolerance = &metres
	}
	if len(violations) > 0 {
		return nil, export.Format{}, rpcerr.Invalid(violations...)
	}
	return request, format, nil
}

// trackTime is the time of the parameter, nil without one. It may have the name that the
// contract has for it.
func trackTime(query url.Values, name string) (*timestamppb.Timestamp, error) {
	for _, name := range []string{name, name + "_time", name + "Time"} {
		if text := query.Get(name); text != "" {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return nil, err
			}
			return timestamppb.New(at), nil
		}
	}
	return nil, nil
}

func trackFormat(name string) (export.Format, bool) {
	formats := export.Formats()
	i := slices.Index(formatNames(), strings.ToLower(name))
	if i < 0 {
		return export.Format{}, false
	}
	return formats[i], true
}

// formatNames names the formats in their order.
func formatNames() []string {
	var names []string
	for _, format := range export.Formats() {
		names = append(names, format.Name)
	}
	return names
}
