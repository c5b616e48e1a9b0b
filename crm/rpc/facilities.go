package rpc

import (
	"context"
	"log/slog"
	"strings"

	"waybill/crm"
	"waybill/crm/facility"
	"waybill/internal/updatemask"
	crmv1 "waybill/proto/waybill/crm/v1"
)

// Facilities is the server of our own places.
type Facilities struct {
	crmv1.UnimplementedFacilityServiceServer
	store  *facility.Store
	logger *slog.Logger
}

// NewFacilities makes the server.
func NewFacilities(store *facility.Store, logger *slog.Logger) *Facilities {
	return &Facilities{store: store, logger: logger}
}

// CreateFacility implements the contract.
func (s *Facilities) CreateFacility(ctx context.Context, r *crmv1.CreateFacilityRequest) (*crmv1.CreateFacilityResponse, error) {
	if err := checkRequest(r.GetRequestId()); err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	given := r.GetFacility()
	f := facility.Facility{
		ID: r.GetFacilityId(), DisplayName: given.GetDisplayName(), Kind: kind(given.GetKind()), Address: given.GetAddress(),
	}
	if err := setPoint(&f.Ground, given.GetPoint(), "facility"); err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	if err := setArea(&f.Ground, given.GetArea(), "facility"); err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	made, err := s.store.Create(ctx, f, r.GetRequestId())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.CreateFacilityResponse{Facility: facilityOf(made)}, nil
}

// GetFacility implements the contract.
func (s *Facilities) GetFacility(ctx context.Context, r *crmv1.GetFacilityRequest) (*crmv1.GetFacilityResponse, error) {
	found, err := s.facility(ctx, "name", r.GetName())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.GetFacilityResponse{Facility: facilityOf(found)}, nil
}

func (s *Facilities) facility(ctx context.Context, field, name string) (facility.Facility, error) {
	ids, err := parse(field, crm.FacilityPattern, name)
	if err != nil {
		return facility.Facility{}, err
	}
	return s.store.Get(ctx, ids[0])
}

// ListFacilities implements the contract.
func (s *Facilities) ListFacilities(ctx context.Context, r *crmv1.ListFacilitiesRequest) (*crmv1.ListFacilitiesResponse, error) {
	page, next, err := s.store.List(ctx, pageSize(r.GetPageSize()), r.GetPageToken())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.ListFacilitiesResponse{Facilities: each(page, facilityOf), NextPageToken: next}, nil
}

// UpdateFacility implements the contract.
func (s *Facilities) UpdateFacility(ctx context.Context, r *crmv1.UpdateFacilityRequest) (*crmv1.UpdateFacilityResponse, error) {
	given := r.GetFacility()
	ids, err := parse("facility.name", crm.FacilityPattern, given.GetName())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	mask, err := updatemask.Fields(given, r.GetUpdateMask(), updatemask.Rules{Changeable: []string{"display_name", "kind", "address", "point", "area"}})
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	changed, err := s.store.Update(ctx, ids[0], func(f *facility.Facility) error {
		set(mask["display_name"], &f.DisplayName, given.GetDisplayName())
		set(mask["kind"], &f.Kind, kind(given.GetKind()))
		set(mask["address"], &f.Address, given.GetAddress())
		if mask["point"] {
			if err := setPoint(&f.Ground, given.GetPoint(), "facility"); err != nil {
				return err
			}
		}
		if mask["area"] {
			return setArea(&f.Ground, given.GetArea(), "facility")
		}
		return nil
	})
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.UpdateFacilityResponse{Facility: facilityOf(changed)}, nil
}

func facilityOf(f facility.Facility) *crmv1.Facility {
	return &crmv1.Facility{
		Name: crm.FacilityName(f.ID), DisplayName: f.DisplayName, Address: f.Address,
		Kind:  crmv1.FacilityKind(crmv1.FacilityKind_value["FACILITY_KIND_"+strings.ToUpper(string(f.Kind))]),
		Point: pointOf(f.Ground.Point), Area: areaOf(f.Ground),
	}
}

func kind(k crmv1.FacilityKind) facility.Kind {
	return facility.Kind(strings.ToLower(strings.TrimPrefix(k.String(), "FACILITY_KIND_")))
}
