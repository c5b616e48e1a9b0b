package rpc

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"google.golang.org/protobuf/types/known/structpb"

	geov1 "waybill/proto/waybill/geo/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// fixToWire leaves out what is unknown. It fails when the attributes are no JSON.
func fixToWire(fix tracking.Fix) (*trackingv1.Fix, error) {
	wire := &trackingv1.Fix{
		FixTime:  timeToWire(fix.Time),
		Position: pointToWire(fix.Position),
		Altitude: numberToWire(fix.Altitude),
		Speed:    numberToWire(fix.Speed),
		Course:   numberToWire(fix.Course),
		Accuracy: numberToWire(fix.Accuracy),
	}
	if fix.Satellites >= 0 {
		satellites := int32(min(fix.Satellites, math.MaxInt32))
		wire.Satellites = &satellites
	}
	if len(fix.Attributes) == 0 {
		return wire, nil
	}
	var err error
	if wire.Attributes, err = structpb.NewStruct(fix.Attributes); err == nil {
		return wire, nil
	}
	// Types that structpb doesn't know may still have a form in JSON.
	text, err := json.Marshal(fix.Attributes)
	if err == nil {
		wire.Attributes = &structpb.Struct{}
		err = wire.GetAttributes().UnmarshalJSON(text)
	}
	if err != nil {
		return nil, fmt.Errorf("attributes: %w", err)
	}
	return wire, nil
}

func numberToWire(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}

// fixFromWire reads a fix. What has to be there and is not makes an outcome.
func fixFromWire(wire *trackingv1.Fix) (tracking.Fix, *tracking.Outcome) {
	if wire.GetFixTime() == nil || wire.GetFixTime().CheckValid() != nil {
		return tracking.Fix{}, rejected(tracking.ReasonValue, "fix_time is missing; say when the position was computed")
	}
	if wire.GetPosition() == nil {
		return tracking.Fix{}, rejected(tracking.ReasonPosition, "position is missing; say where it was")
	}
	fix := tracking.NewFix(wire.GetFixTime().AsTime(), pointFromWire(wire.GetPosition()))
	for _, number := range []struct{ from, to *float64 }{
		{wire.Altitude, &fix.Altitude}, //nolint:protogetter // its absence matters
		{wire.Speed, &fix.Speed},       //nolint:protogetter // its absence matters
		{wire.Course, &fix.Course},     //nolint:protogetter // its absence matters
		{wire.Accuracy, &fix.Accuracy}, //nolint:protogetter // its absence matters
	} {
		if number.from != nil {
			*number.to = *number.from
		}
	}
	if wire.Satellites != nil {
		fix.Satellites = int(wire.GetSatellites())
	}
	if fields := wire.GetAttributes().GetFields(); len(fields) > 0 {
		fix.Attributes = wire.GetAttributes().AsMap()
	}
	return fix, nil
}

func rejected(reason tracking.Reason, detail string) *tracking.Outcome {
	return &tracking.Outcome{Kind: tracking.Rejected, Reason: reason, Detail: detail}
}

func reportToWire(report tracking.Report) (*trackingv1.Fix, error) {
	wire, err := fixToWire(report.Fix)
	if err != nil {
		return nil, err
	}
	wire.ReceiveTime, wire.Source = timeToWire(report.Received), report.Source
	return wire, nil
}

func positionToWire(p tracking.Position) (*trackingv1.Position, error) {
	fix, err := reportToWire(tracking.Report{Received: p.Received, Fix: p.Fix})
	if err != nil {
		return nil, err
	}
	wire := &trackingv1.Position{
		Vehicle:     resourceName(vehicles, p.Vehicle),
		Device:      resourceName(devices, p.Device),
		Fix:         fix,
		DisplayName: p.DisplayName,
	}
	motionToWire(wire, p.Motion)
	return wire, nil
}

func positionFromServer(p *trackingv1.Position) (tracking.Position, error) {
	position := tracking.Position{DisplayName: p.GetDisplayName(), Received: timeFromWire(p.GetFix().GetReceiveTime())}
	fix, bad := fixFromWire(p.GetFix())
	if bad != nil {
		return position, fmt.Errorf("read position: %s", bad.Detail)
	}
	position.Fix, position.Motion = fix, motionFromServer(p)
	var err error
	if position.Device, err = uidOf(devices, "device", p.GetDevice()); err != nil {
		return position, err
	}
	if p.GetVehicle() != "" {
		position.Vehicle, err = uidOf(vehicles, "vehicle", p.GetVehicle())
	}
	return position, err
}

// positionsFromServer reads those that can be read; the error says what is wrong with
// the others.
func positionsFromServer(wire []*trackingv1.Position) (positions []tracking.Position, bad error) {
	positions = make([]tracking.Position, 0, len(wire))
	for _, p := range wire {
		position, err := positionFromServer(p)
		if err != nil {
			bad = errors.Join(bad, err)
			continue
		}
		positions = append(positions, position)
	}
	return positions, bad
}

func boxToWire(box *orb.Bound) *geov1.Box {
	if box == nil {
		return nil
	}
	return &geov1.Box{West: box.Min.Lon(), South: box.Min.Lat(), East: box.Max.Lon(), North: box.Max.Lat()}
}
