package rpc

import (
	"errors"
	"math"

	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/gateway/codec"
	"waybill/gateway/pattern"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
	geov1 "waybill/proto/waybill/geo/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

func patternToWire(p *pattern.Pattern) *gatewayv1.Pattern {
	return &gatewayv1.Pattern{
		Name: patterns + p.UID, DisplayName: p.DisplayName, Expression: p.Expression, TimeLayout: p.TimeLayout,
		SpeedUnit: string(p.SpeedUnit), UseSentTime: p.UseSentTime, Alarm: p.Alarm, Example: p.Example,
		Creator: p.Creator, CreateTime: timeOrNil(p.CreateTime),
	}
}

func patternFromWire(uid string, wire *gatewayv1.Pattern) *pattern.Pattern {
	return &pattern.Pattern{
		UID: uid, DisplayName: wire.GetDisplayName(), Expression: wire.GetExpression(), TimeLayout: wire.GetTimeLayout(),
		SpeedUnit: pattern.SpeedUnit(wire.GetSpeedUnit()), UseSentTime: wire.GetUseSentTime(), Alarm: wire.GetAlarm(), Example: wire.GetExample(),
	}
}

func attemptToWire(a *pattern.Attempt) *gatewayv1.PatternAttempt {
	wire := &gatewayv1.PatternAttempt{Format: a.Format, Decides: a.Decides}
	for _, g := range a.Groups {
		wire.Groups = append(wire.Groups, &gatewayv1.PatternGroup{Name: g.Name, Text: g.Text, Meaning: g.Meaning})
	}
	var unlocated *codec.Unlocated
	switch {
	case a.Err == nil:
		wire.Fix = fixToWire(&a.Fix)
	case errors.As(a.Err, &unlocated):
		wire.Alarm, wire.Problem = unlocated.Alarm, a.Err.Error()
	default:
		wire.Problem = a.Err.Error()
	}
	return wire
}

// fixToWire writes what a fix says; what is unknown is absent.
func fixToWire(f *tracking.Fix) *trackingv1.Fix {
	known := func(v float64) *float64 {
		if math.IsNaN(v) {
			return nil
		}
		return &v
	}
	wire := &trackingv1.Fix{
		FixTime:  timestamppb.New(f.Time),
		Position: &geov1.Point{Longitude: f.Position.Lon(), Latitude: f.Position.Lat()},
		Altitude: known(f.Altitude), Speed: known(f.Speed), Course: known(f.Course), Accuracy: known(f.Accuracy),
	}
	if f.Satellites >= 0 {
		n := int32(f.Satellites) //nolint:gosec // small
		wire.Satellites = &n
	}
	if attributes, err := structpb.NewStruct(f.Attributes); err == nil && len(f.Attributes) > 0 {
		wire.Attributes = attributes
	}
	return wire
}
