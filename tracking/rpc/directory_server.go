package rpc

import (
	"context"
	"log/slog"

	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// DirectoryServer serves DirectoryService.
type DirectoryServer struct {
	trackingv1.UnimplementedDirectoryServiceServer
	directory tracking.Directory
	log       *slog.Logger
}

// NewDirectoryServer returns a server over the directory.
func NewDirectoryServer(directory tracking.Directory, log *slog.Logger) *DirectoryServer {
	return &DirectoryServer{directory: directory, log: log}
}

// AuthenticateDevice checks a device's username and password.
func (s *DirectoryServer) AuthenticateDevice(ctx context.Context, r *trackingv1.AuthenticateDeviceRequest) (*trackingv1.AuthenticateDeviceResponse, error) {
	device, err := s.directory.Authenticate(ctx, r.GetUsername(), r.GetPassword())
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: devices})
	}
	return &trackingv1.AuthenticateDeviceResponse{Device: deviceToWire(device)}, nil
}

// ResolveDevice finds the device that a phone number or a name belongs to.
func (s *DirectoryServer) ResolveDevice(ctx context.Context, r *trackingv1.ResolveDeviceRequest) (*trackingv1.ResolveDeviceResponse, error) {
	var device tracking.Device
	var err error
	switch sender := r.GetSender().(type) {
	case *trackingv1.ResolveDeviceRequest_Phone:
		device, err = s.directory.ByPhone(ctx, sender.Phone)
	case *trackingv1.ResolveDeviceRequest_Name:
		var uid string
		if uid, err = uidOf(devices, "name", sender.Name); err != nil {
			return nil, err
		}
		device, err = s.directory.ByUID(ctx, uid)
	default:
		return nil, rpcerr.Invalid(rpcerr.Field("sender", "give a phone number or a name"))
	}
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: "the device of this sender"})
	}
	return &trackingv1.ResolveDeviceResponse{Device: deviceToWire(device)}, nil
}
