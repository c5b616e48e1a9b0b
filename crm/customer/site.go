package customer

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"waybill/crm"
	"waybill/internal/paging"
)

const siteColumns = "customer, id, display_name, address, " + crm.GroundColumns

func siteRow(row pgx.CollectableRow) (Site, error) {
	var s Site
	var ground crm.GroundRow
	err := row.Scan(append([]any{&s.Customer, &s.ID, &s.DisplayName, &s.Address}, ground.Targets()...)...)
	if err == nil {
		s.Ground, err = ground.Ground()
	}
	if err != nil {
		return s, fmt.Errorf("read a site: %w", err)
	}
	return s, nil
}

func (s Site) check(c *crm.Checks) {
	c.That(s.DisplayName != "" && len(s.DisplayName) <= maxText, "site.display_name", "give a name of at most 500 bytes")
	c.That(len(s.Address) <= maxAddress, "site.address", "use at most 2000 bytes")
	s.Ground.Check(c, "site")
}

// CreateSite adds a place to a customer, as [Store.Create] adds customers; an
// unknown customer is [crm.ErrNotFound].
func (s *Store) CreateSite(ctx context.Context, site Site, requestID string) (Site, error) {
	var checks crm.Checks
	site.ID = crm.CheckID(&checks, "site_id", site.ID)
	site.check(&checks)
	if err := checks.Err(); err != nil {
		return Site{}, err
	}
	if _, err := s.Get(ctx, site.Customer); err != nil {
		return Site{}, err
	}
	return crm.Once(ctx, requestID,
		func(ctx context.Context) (Site, error) {
			found, err := crm.One(ctx, s.pool, siteRow, "request", "select "+siteColumns+" from crm.site where request_id = $1", requestID)
			if err == nil && found.Customer != site.Customer {
				return found, crm.OtherRequest()
			}
			return found, err
		},
		func(ctx context.Context) (Site, error) { return s.insertSite(ctx, site, requestID) })
}

func (s *Store) insertSite(ctx context.Context, site Site, requestID string) (Site, error) {
	name := crm.SiteName(site.Customer, site.ID)
	// Else the zone of the site that has the name would be drawn over.
	if _, err := s.Site(ctx, site.Customer, site.ID); err == nil {
		return Site{}, crm.Exists(name)
	} else if !errors.Is(err, crm.ErrNotFound) {
		return Site{}, err
	}
	if err := crm.PutZone(ctx, s.zones, "site", site.Ground.Zone(name, site.DisplayName)); err != nil {
		return Site{}, err
	}
	ground, err := site.Ground.Values()
	if err != nil {
		return Site{}, err
	}
	made, err := crm.One(ctx, s.pool, siteRow, name, fmt.Sprintf(`
		insert into crm.site (customer, id, display_name, address, request_id, point, area, center, radius)
		values ($1, $2, $3, $4, nullif($5, ''), `+crm.GroundParameters+`) returning `, 6, 7, 8, 9)+siteColumns,
		append([]any{site.Customer, site.ID, site.DisplayName, site.Address, requestID}, ground...)...)
	return made, crm.Broken(err, name, crm.CustomerName(site.Customer))
}

// Site returns a place of a customer, or [crm.ErrNotFound].
func (s *Store) Site(ctx context.Context, customer, id string) (Site, error) {
	return crm.One(ctx, s.pool, siteRow, crm.SiteName(customer, id),
		"select "+siteColumns+" from crm.site where customer = $1 and id = $2", customer, id)
}

// Sites returns a page of a customer's places by id, and the token of the next.
func (s *Store) Sites(ctx context.Context, customer string, size int, token string) (sites []Site, next string, err error) {
	after := ""
	if err := paging.Decode(token, &after); err != nil {
		return nil, "", err
	}
	rows, err := s.pool.Query(ctx, "select "+siteColumns+` from crm.site
		where customer = $1 and id > $2 order by id limit $3`, customer, after, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list sites: %w", err)
	}
	sites, err = pgx.CollectRows(rows, siteRow)
	if err != nil {
		return nil, "", err
	}
	return paging.Cut(sites, size, func(s Site) any { return s.ID })
}

// UpdateSite changes a place: change is given it as it is stored, and changes what it
// will. The error is [crm.ErrNotFound], [crm.ErrInvalid] or what change returns.
func (s *Store) UpdateSite(ctx context.Context, customer, id string, change func(*Site) error) (Site, error) {
	site, err := s.Site(ctx, customer, id)
	if err != nil {
		return Site{}, err
	}
	if err := change(&site); err != nil {
		return Site{}, err
	}
	var checks crm.Checks
	site.check(&checks)
	if err := checks.Err(); err != nil {
		return Site{}, err
	}
	name := crm.SiteName(customer, id)
	if err := crm.PutZone(ctx, s.zones, "site", site.Ground.Zone(name, site.DisplayName)); err != nil {
		return Site{}, err
	}
	ground, err := site.Ground.Values()
	if err != nil {
		return Site{}, err
	}
	return crm.One(ctx, s.pool, siteRow, name, fmt.Sprintf(`
		update crm.site set display_name = $3, address = $4, (point, area, center, radius) = row (`+crm.GroundParameters+`)
		where customer = $1 and id = $2 returning `, 5, 6, 7, 8)+siteColumns,
		append([]any{customer, id, site.DisplayName, site.Address}, ground...)...)
}
