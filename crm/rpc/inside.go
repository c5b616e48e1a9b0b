package rpc

import (
	"context"

	"waybill/crm"
	"waybill/crm/facility"
	crmv1 "waybill/proto/waybill/crm/v1"
)

// CreateStation implements the contract.
func (s *Facilities) CreateStation(ctx context.Context, r *crmv1.CreateStationRequest) (*crmv1.CreateStationResponse, error) {
	ids, err := parse("parent", crm.FacilityPattern, r.GetParent())
	if err == nil {
		err = checkRequest(r.GetRequestId())
	}
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	given := r.GetStation()
	made, err := s.store.CreateStation(ctx, facility.Station{
		Facility: ids[0], ID: r.GetStationId(), DisplayName: given.GetDisplayName(), Line: given.GetLine(),
	}, r.GetRequestId())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.CreateStationResponse{Station: stationOf(made)}, nil
}

// ListStations implements the contract.
func (s *Facilities) ListStations(ctx context.Context, r *crmv1.ListStationsRequest) (*crmv1.ListStationsResponse, error) {
	parent, err := s.facility(ctx, "parent", r.GetParent())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	page, next, err := s.store.Stations(ctx, parent.ID, pageSize(r.GetPageSize()), r.GetPageToken())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.ListStationsResponse{Stations: each(page, stationOf), NextPageToken: next}, nil
}

// CreateStorageLocation implements the contract.
func (s *Facilities) CreateStorageLocation(ctx context.Context, r *crmv1.CreateStorageLocationRequest) (*crmv1.CreateStorageLocationResponse, error) {
	ids, err := parse("parent", crm.FacilityPattern, r.GetParent())
	if err == nil {
		err = checkRequest(r.GetRequestId())
	}
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	made, err := s.store.CreateStorageLocation(ctx, facility.StorageLocation{
		Facility: ids[0], ID: r.GetStorageLocationId(), DisplayName: r.GetStorageLocation().GetDisplayName(),
	}, r.GetRequestId())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.CreateStorageLocationResponse{StorageLocation: storageLocationOf(made)}, nil
}

// ListStorageLocations implements the contract.
func (s *Facilities) ListStorageLocations(ctx context.Context, r *crmv1.ListStorageLocationsRequest) (*crmv1.ListStorageLocationsResponse, error) {
	parent, err := s.facility(ctx, "parent", r.GetParent())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	page, next, err := s.store.StorageLocations(ctx, parent.ID, pageSize(r.GetPageSize()), r.GetPageToken())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.ListStorageLocationsResponse{StorageLocations: each(page, storageLocationOf), NextPageToken: next}, nil
}

func stationOf(s facility.Station) *crmv1.Station {
	return &crmv1.Station{Name: crm.StationName(s.Facility, s.ID), DisplayName: s.DisplayName, Line: s.Line}
}

func storageLocationOf(l facility.StorageLocation) *crmv1.StorageLocation {
	return &crmv1.StorageLocation{Name: crm.StorageLocationName(l.Facility, l.ID), DisplayName: l.DisplayName}
}
