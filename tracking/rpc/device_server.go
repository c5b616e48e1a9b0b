package rpc

import (
	"context"
	"log/slog"

	"waybill/internal/paging"
	"waybill/internal/rpcerr"
	"waybill/internal/updatemask"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// Page sizes of registries.
const (
	usualPage   = 50
	largestPage = 1000
)

// DeviceServer serves DeviceService.
type DeviceServer struct {
	trackingv1.UnimplementedDeviceServiceServer
	devices tracking.Devices
	log     *slog.Logger
}

// NewDeviceServer returns a server over the registry.
func NewDeviceServer(registry tracking.Devices, log *slog.Logger) *DeviceServer {
	return &DeviceServer{devices: registry, log: log}
}

// CreateDevice registers a device.
func (s *DeviceServer) CreateDevice(ctx context.Context, r *trackingv1.CreateDeviceRequest) (*trackingv1.CreateDeviceResponse, error) {
	device, err := deviceFromWire(r.GetDevice())
	if err != nil {
		return nil, err
	}
	device.UID = r.GetDeviceId()
	device, err = s.devices.CreateDevice(ctx, device, r.GetRequestId())
	if err != nil {
		about := subject{name: resourceName(devices, r.GetDeviceId()), prefix: "device", uidField: "device_id"}
		return nil, answer(ctx, s.log, err, about)
	}
	return &trackingv1.CreateDeviceResponse{Device: deviceToWire(device)}, nil
}

// GetDevice returns one device.
func (s *DeviceServer) GetDevice(ctx context.Context, r *trackingv1.GetDeviceRequest) (*trackingv1.GetDeviceResponse, error) {
	uid, err := uidOf(devices, "name", r.GetName())
	if err != nil {
		return nil, err
	}
	device, err := s.devices.Device(ctx, uid)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetName()})
	}
	return &trackingv1.GetDeviceResponse{Device: deviceToWire(device)}, nil
}

// ListDevices lists devices by name.
func (s *DeviceServer) ListDevices(ctx context.Context, r *trackingv1.ListDevicesRequest) (*trackingv1.ListDevicesResponse, error) {
	after, err := pageAfter(r.GetPageToken())
	if err != nil {
		return nil, err
	}
	size := paging.Size(r.GetPageSize(), usualPage, largestPage)
	rows, err := s.devices.Devices(ctx, tracking.Page{After: after, Size: size + 1})
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: devices})
	}
	page, next, err := paging.Cut(rows, size, func(d tracking.Device) any { return d.UID })
	if err != nil {
		return nil, rpcerr.From(err)
	}
	response := &trackingv1.ListDevicesResponse{NextPageToken: next}
	for _, device := range page {
		response.Devices = append(response.Devices, deviceToWire(device))
	}
	return response, nil
}

// UpdateDevice changes the fields that the mask names.
func (s *DeviceServer) UpdateDevice(ctx context.Context, r *trackingv1.UpdateDeviceRequest) (*trackingv1.UpdateDeviceResponse, error) {
	uid, err := uidOf(devices, "device.name", r.GetDevice().GetName())
	if err != nil {
		return nil, err
	}
	named, err := updatemask.Fields(r.GetDevice(), r.GetUpdateMask(), updatemask.Rules{Changeable: []string{"display_name", "imei", "phone", "model", "time_zone", "disabled", "limits"}})
	if err != nil {
		return nil, err
	}
	device, err := deviceFromWire(r.GetDevice())
	if err != nil {
		return nil, err
	}
	device.UID = uid
	device, err = s.devices.UpdateDevice(ctx, device, tracking.DeviceMask{
		DisplayName: named["display_name"],
		IMEI:        named["imei"],
		Phone:       named["phone"],
		Model:       named["model"],
		Zone:        named["time_zone"],
		Disabled:    named["disabled"],
		Limits:      named["limits"],
	})
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetDevice().GetName(), prefix: "device"})
	}
	return &trackingv1.UpdateDeviceResponse{Device: deviceToWire(device)}, nil
}

// RotateDeviceCredential issues a new password.
func (s *DeviceServer) RotateDeviceCredential(ctx context.Context, r *trackingv1.RotateDeviceCredentialRequest) (*trackingv1.RotateDeviceCredentialResponse, error) {
	uid, err := uidOf(devices, "name", r.GetName())
	if err != nil {
		return nil, err
	}
	password, err := s.devices.RotateCredential(ctx, uid)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetName()})
	}
	return &trackingv1.RotateDeviceCredentialResponse{Username: uid, Password: password}, nil
}
