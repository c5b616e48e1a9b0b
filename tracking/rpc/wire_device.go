package rpc

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

func deviceToWire(d tracking.Device) *trackingv1.Device {
	zone := ""
	if d.Zone != nil && d.Zone != time.UTC {
		zone = d.Zone.String()
	}
	return &trackingv1.Device{
		Name:          resourceName(devices, d.UID),
		DisplayName:   d.DisplayName,
		Imei:          d.IMEI,
		Phone:         d.Phone,
		Model:         d.Model,
		TimeZone:      zone,
		Disabled:      d.Disabled,
		Vehicle:       resourceName(vehicles, d.Vehicle),
		HasCredential: d.HasCredential,
		CreateTime:    timeToWire(d.CreateTime),
		UpdateTime:    timeToWire(d.UpdateTime),
		Limits:        deviceLimitsToWire(d.Limits),
	}
}

// deviceFromWire reads what a caller may set; the uid is for the caller to fill in.
func deviceFromWire(d *trackingv1.Device) (tracking.Device, error) {
	// "Local" would be this machine's zone.
	zone, err := time.LoadLocation(d.GetTimeZone())
	if err != nil || d.GetTimeZone() == "Local" {
		return tracking.Device{}, rpcerr.Invalid(rpcerr.Field("device.time_zone",
			fmt.Sprintf("%q is not a time zone; use a name of the IANA database like Asia/Shanghai", d.GetTimeZone())))
	}
	limits, err := deviceLimitsFromWire(d.GetLimits())
	if err != nil {
		return tracking.Device{}, err
	}
	return tracking.Device{
		DisplayName: d.GetDisplayName(),
		IMEI:        d.GetImei(),
		Phone:       d.GetPhone(),
		Model:       d.GetModel(),
		Zone:        zone,
		Disabled:    d.GetDisabled(),
		Limits:      limits,
	}, nil
}

// deviceFromServer reads all that a server said.
func deviceFromServer(d *trackingv1.Device) (tracking.Device, error) {
	device, err := deviceFromWire(d)
	if err != nil {
		return device, err
	}
	if device.UID, err = uidOf(devices, "name", d.GetName()); err != nil {
		return device, err
	}
	if d.GetVehicle() != "" {
		if device.Vehicle, err = uidOf(vehicles, "vehicle", d.GetVehicle()); err != nil {
			return device, err
		}
	}
	device.HasCredential = d.GetHasCredential()
	device.CreateTime, device.UpdateTime = timeFromWire(d.GetCreateTime()), timeFromWire(d.GetUpdateTime())
	return device, nil
}

// timeToWire leaves a zero time out.
func timeToWire(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// timeFromWire makes the zero time of an absent one.
func timeFromWire(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}

// timeRange reads from_time and to_time of a request.
func timeRange(from, to *timestamppb.Timestamp) (time.Time, time.Time, error) {
	for field, t := range map[string]*timestamppb.Timestamp{"from_time": from, "to_time": to} {
		if t != nil && t.CheckValid() != nil {
			return time.Time{}, time.Time{}, rpcerr.Invalid(rpcerr.Field(field, "give a time from the year 1 to 9999"))
		}
	}
	begin, end := timeFromWire(from), timeFromWire(to)
	if from != nil && to != nil && end.Before(begin) {
		return begin, end, rpcerr.Invalid(rpcerr.Field("to_time", "give a time that is not before from_time"))
	}
	return begin, end, nil
}
