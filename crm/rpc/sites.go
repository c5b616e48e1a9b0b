package rpc

import (
	"context"

	"waybill/crm"
	"waybill/crm/customer"
	"waybill/internal/updatemask"
	crmv1 "waybill/proto/waybill/crm/v1"
)

// CreateSite implements the contract.
func (s *Customers) CreateSite(ctx context.Context, r *crmv1.CreateSiteRequest) (*crmv1.CreateSiteResponse, error) {
	if err := checkRequest(r.GetRequestId()); err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	parent, err := s.customer(ctx, "parent", r.GetParent())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	given := r.GetSite()
	site := customer.Site{Customer: parent.ID, ID: r.GetSiteId(), DisplayName: given.GetDisplayName(), Address: given.GetAddress()}
	if err := setPoint(&site.Ground, given.GetPoint(), "site"); err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	if err := setArea(&site.Ground, given.GetArea(), "site"); err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	made, err := s.store.CreateSite(ctx, site, r.GetRequestId())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.CreateSiteResponse{Site: siteOf(made)}, nil
}

// GetSite implements the contract.
func (s *Customers) GetSite(ctx context.Context, r *crmv1.GetSiteRequest) (*crmv1.GetSiteResponse, error) {
	ids, err := parse("name", crm.SitePattern, r.GetName())
	if err == nil {
		err = sees(ctx, ids[0], r.GetName())
	}
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	site, err := s.store.Site(ctx, ids[0], ids[1])
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.GetSiteResponse{Site: siteOf(site)}, nil
}

// ListSites implements the contract.
func (s *Customers) ListSites(ctx context.Context, r *crmv1.ListSitesRequest) (*crmv1.ListSitesResponse, error) {
	parent, err := s.customer(ctx, "parent", r.GetParent())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	page, next, err := s.store.Sites(ctx, parent.ID, pageSize(r.GetPageSize()), r.GetPageToken())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.ListSitesResponse{Sites: each(page, siteOf), NextPageToken: next}, nil
}

// UpdateSite implements the contract.
func (s *Customers) UpdateSite(ctx context.Context, r *crmv1.UpdateSiteRequest) (*crmv1.UpdateSiteResponse, error) {
	given := r.GetSite()
	ids, err := parse("site.name", crm.SitePattern, given.GetName())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	mask, err := updatemask.Fields(given, r.GetUpdateMask(), updatemask.Rules{Changeable: []string{"display_name", "address", "point", "area"}})
	if err == nil {
		err = sees(ctx, ids[0], given.GetName())
	}
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	changed, err := s.store.UpdateSite(ctx, ids[0], ids[1], func(site *customer.Site) error {
		set(mask["display_name"], &site.DisplayName, given.GetDisplayName())
		set(mask["address"], &site.Address, given.GetAddress())
		if mask["point"] {
			if err := setPoint(&site.Ground, given.GetPoint(), "site"); err != nil {
				return err
			}
		}
		if mask["area"] {
			return setArea(&site.Ground, given.GetArea(), "site")
		}
		return nil
	})
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.UpdateSiteResponse{Site: siteOf(changed)}, nil
}

func siteOf(s customer.Site) *crmv1.Site {
	return &crmv1.Site{
		Name: crm.SiteName(s.Customer, s.ID), DisplayName: s.DisplayName, Address: s.Address,
		Point: pointOf(s.Ground.Point), Area: areaOf(s.Ground),
	}
}
