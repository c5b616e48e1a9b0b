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

// VehicleServer serves VehicleService.
type VehicleServer struct {
	trackingv1.UnimplementedVehicleServiceServer
	vehicles tracking.Vehicles
	visits   tracking.Visits
	log      *slog.Logger
}

// NewVehicleServer returns a server over the registry and the visits.
func NewVehicleServer(registry tracking.Vehicles, visits tracking.Visits, log *slog.Logger) *VehicleServer {
	return &VehicleServer{vehicles: registry, visits: visits, log: log}
}

// CreateVehicle registers a vehicle.
func (s *VehicleServer) CreateVehicle(ctx context.Context, r *trackingv1.CreateVehicleRequest) (*trackingv1.CreateVehicleResponse, error) {
	vehicle := vehicleFromWire(r.GetVehicle())
	vehicle.UID = r.GetVehicleId()
	vehicle, err := s.vehicles.CreateVehicle(ctx, vehicle, r.GetRequestId())
	if err != nil {
		about := subject{name: resourceName(vehicles, r.GetVehicleId()), prefix: "vehicle", uidField: "vehicle_id"}
		return nil, answer(ctx, s.log, err, about)
	}
	return &trackingv1.CreateVehicleResponse{Vehicle: vehicleToWire(vehicle)}, nil
}

// GetVehicle returns one vehicle.
func (s *VehicleServer) GetVehicle(ctx context.Context, r *trackingv1.GetVehicleRequest) (*trackingv1.GetVehicleResponse, error) {
	uid, err := uidOf(vehicles, "name", r.GetName())
	if err != nil {
		return nil, err
	}
	vehicle, err := s.vehicles.Vehicle(ctx, uid)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetName()})
	}
	return &trackingv1.GetVehicleResponse{Vehicle: vehicleToWire(vehicle)}, nil
}

// ListVehicles lists vehicles by name.
func (s *VehicleServer) ListVehicles(ctx context.Context, r *trackingv1.ListVehiclesRequest) (*trackingv1.ListVehiclesResponse, error) {
	after, err := pageAfter(r.GetPageToken())
	if err != nil {
		return nil, err
	}
	size := paging.Size(r.GetPageSize(), usualPage, largestPage)
	rows, err := s.vehicles.Vehicles(ctx, tracking.Page{After: after, Size: size + 1})
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: vehicles})
	}
	page, next, err := paging.Cut(rows, size, func(v tracking.Vehicle) any { return v.UID })
	if err != nil {
		return nil, rpcerr.From(err)
	}
	response := &trackingv1.ListVehiclesResponse{NextPageToken: next}
	for _, vehicle := range page {
		response.Vehicles = append(response.Vehicles, vehicleToWire(vehicle))
	}
	return response, nil
}

// UpdateVehicle changes the fields that the mask names.
func (s *VehicleServer) UpdateVehicle(ctx context.Context, r *trackingv1.UpdateVehicleRequest) (*trackingv1.UpdateVehicleResponse, error) {
	uid, err := uidOf(vehicles, "vehicle.name", r.GetVehicle().GetName())
	if err != nil {
		return nil, err
	}
	named, err := updatemask.Fields(r.GetVehicle(), r.GetUpdateMask(), updatemask.Rules{Changeable: []string{"display_name", "plate"}})
	if err != nil {
		return nil, err
	}
	vehicle := vehicleFromWire(r.GetVehicle())
	vehicle.UID = uid
	mask := tracking.VehicleMask{DisplayName: named["display_name"], Plate: named["plate"]}
	vehicle, err = s.vehicles.UpdateVehicle(ctx, vehicle, mask)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetVehicle().GetName(), prefix: "vehicle"})
	}
	return &trackingv1.UpdateVehicleResponse{Vehicle: vehicleToWire(vehicle)}, nil
}

// FitDevice says that a device is on a vehicle from a time on.
func (s *VehicleServer) FitDevice(ctx context.Context, r *trackingv1.FitDeviceRequest) (*trackingv1.FitDeviceResponse, error) {
	vehicle, err := uidOf(vehicles, "vehicle", r.GetVehicle())
	if err != nil {
		return nil, err
	}
	device, err := uidOf(devices, "device", r.GetDevice())
	if err != nil {
		return nil, err
	}
	from, _, err := timeRange(r.GetFromTime(), nil)
	if err != nil {
		return nil, err
	}
	fitting := tracking.Fitting{Device: device, Vehicle: vehicle, Primary: !r.GetSecondary(), From: from}
	if err := s.vehicles.FitDevice(ctx, fitting); err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetVehicle()})
	}
	return &trackingv1.FitDeviceResponse{}, nil
}

// visitToken is where a page of visits ends.
type visitToken = tracking.VisitPage

// ListVisits lists the visits of a vehicle, oldest first.
func (s *VehicleServer) ListVisits(ctx context.Context, r *trackingv1.ListVisitsRequest) (*trackingv1.ListVisitsResponse, error) {
	vehicle, err := uidOf(vehicles, "vehicle", r.GetVehicle())
	if err != nil {
		return nil, err
	}
	from, to, err := timeRange(r.GetFromTime(), r.GetToTime())
	if err != nil {
		return nil, err
	}
	var after visitToken
	if err := paging.Decode(r.GetPageToken(), &after); err != nil {
		return nil, rpcerr.From(err)
	}
	if after.Zone != "" && tracking.CheckUID("page_token", after.Zone) != nil {
		return nil, rpcerr.From(paging.ErrToken)
	}
	size := paging.Size(r.GetPageSize(), usualPage, largestPage)
	after.Size = size + 1
	rows, err := s.visits.Visits(ctx, vehicle, from, to, after)
	if err != nil {
		return nil, answer(ctx, s.log, err, subject{name: r.GetVehicle()})
	}
	page, next, err := paging.Cut(rows, size, func(v tracking.Visit) any {
		return visitToken{Arrived: v.Arrived, Zone: v.Zone}
	})
	if err != nil {
		return nil, rpcerr.From(err)
	}
	response := &trackingv1.ListVisitsResponse{NextPageToken: next}
	for _, visit := range page {
		response.Visits = append(response.Visits, visitToWire(visit))
	}
	return response, nil
}
