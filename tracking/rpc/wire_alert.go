package rpc

import (
	"strconv"

	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

func alertToWire(a *tracking.Alert) *trackingv1.Alert {
	return &trackingv1.Alert{
		Name:            resourceName(alerts, strconv.FormatInt(a.ID, 10)),
		Condition:       conditionToWire(a.Condition),
		Vehicle:         resourceName(vehicles, a.Vehicle),
		Device:          resourceName(devices, a.Device),
		DisplayName:     a.DisplayName,
		Zone:            resourceName(zones, a.Zone),
		ZoneDisplayName: a.ZoneDisplayName,
		Value:           a.Value,
		OpenTime:        timeToWire(a.Opened),
		CloseTime:       timeToWire(a.Closed),
		AcknowledgeTime: timeToWire(a.Acknowledged),
		AcknowledgedBy:  a.AcknowledgedBy,
	}
}

func heldToWire(c tracking.Held) *trackingv1.HeldCondition {
	return &trackingv1.HeldCondition{
		Condition: conditionToWire(c.Condition),
		Vehicle:   resourceName(vehicles, c.Vehicle),
		Device:    resourceName(devices, c.Device),
		Zone:      resourceName(zones, c.Zone),
		Value:     c.Value,
		BeginTime: timeToWire(c.Began),
		EndTime:   timeToWire(c.Ended),
	}
}

func conditionToWire(c tracking.Condition) trackingv1.Condition {
	switch c {
	case tracking.Speeding:
		return trackingv1.Condition_CONDITION_SPEEDING
	case tracking.LowBattery:
		return trackingv1.Condition_CONDITION_LOW_BATTERY
	case tracking.PowerCut:
		return trackingv1.Condition_CONDITION_POWER_CUT
	case tracking.Temperature:
		return trackingv1.Condition_CONDITION_TEMPERATURE
	case tracking.DoorOpen:
		return trackingv1.Condition_CONDITION_DOOR_OPEN
	case tracking.Shock:
		return trackingv1.Condition_CONDITION_SHOCK
	case tracking.Tilt:
		return trackingv1.Condition_CONDITION_TILT
	case tracking.Silent:
		return trackingv1.Condition_CONDITION_SILENT
	case tracking.Dwelling:
		return trackingv1.Condition_CONDITION_DWELLING
	case tracking.SOS:
		return trackingv1.Condition_CONDITION_SOS
	}
	return trackingv1.Condition_CONDITION_UNSPECIFIED
}

func conditionFromWire(wire trackingv1.Condition) (c tracking.Condition, known bool) {
	for _, c := range []tracking.Condition{
		tracking.Speeding, tracking.LowBattery, tracking.PowerCut, tracking.Temperature, tracking.DoorOpen,
		tracking.Shock, tracking.Tilt, tracking.Silent, tracking.Dwelling, tracking.SOS,
	} {
		if conditionToWire(c) == wire {
			return c, true
		}
	}
	return "", false
}
