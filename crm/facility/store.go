package facility

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/crm"
	"waybill/internal/paging"
)

// Store keeps facilities in PostgreSQL.
type Store struct {
	pool  *pgxpool.Pool
	zones crm.Zones
}

// NewStore makes a store.
func NewStore(pool *pgxpool.Pool, zones crm.Zones) *Store {
	return &Store{pool: pool, zones: zones}
}

const columns = "id, display_name, kind, address, " + crm.GroundColumns

func facilityRow(row pgx.CollectableRow) (Facility, error) {
	var f Facility
	var ground crm.GroundRow
	err := row.Scan(append([]any{&f.ID, &f.DisplayName, &f.Kind, &f.Address}, ground.Targets()...)...)
	if err == nil {
		f.Ground, err = ground.Ground()
	}
	if err != nil {
		return f, fmt.Errorf("read a facility: %w", err)
	}
	return f, nil
}

// Create adds a facility; without an ID it makes one up. A call that repeats a
// request id (unless it is empty) returns the facility of the first.
//
// The error is [crm.ErrInvalid], or [crm.ErrExists] for an id that is taken.
func (s *Store) Create(ctx context.Context, f Facility, requestID string) (Facility, error) {
	var checks crm.Checks
	chosen := f.ID
	f.ID = crm.CheckID(&checks, "facility_id", f.ID)
	f.check(&checks)
	if err := checks.Err(); err != nil {
		return Facility{}, err
	}
	return crm.Once(ctx, requestID,
		func(ctx context.Context) (Facility, error) {
			found, err := crm.One(ctx, s.pool, facilityRow, "request", "select "+columns+" from crm.facility where request_id = $1", requestID)
			if err == nil && chosen != "" && chosen != found.ID {
				return found, crm.OtherRequest()
			}
			return found, err
		},
		func(ctx context.Context) (Facility, error) { return s.insert(ctx, f, requestID) })
}

func (s *Store) insert(ctx context.Context, f Facility, requestID string) (Facility, error) {
	name := crm.FacilityName(f.ID)
	// Else the zone of the facility that has the name would be drawn over.
	if _, err := s.Get(ctx, f.ID); err == nil {
		return Facility{}, crm.Exists(name)
	} else if !errors.Is(err, crm.ErrNotFound) {
		return Facility{}, err
	}
	if err := crm.PutZone(ctx, s.zones, "facility", f.Ground.Zone(name, f.DisplayName)); err != nil {
		return Facility{}, err
	}
	ground, err := f.Ground.Values()
	if err != nil {
		return Facility{}, err
	}
	made, err := crm.One(ctx, s.pool, facilityRow, name, fmt.Sprintf(`
		insert into crm.facility (id, display_name, kind, address, request_id, point, area, center, radius)
		values ($1, $2, $3, $4, nullif($5, ''), `+crm.GroundParameters+`) returning `, 6, 7, 8, 9)+columns,
		append([]any{f.ID, f.DisplayName, f.Kind, f.Address, requestID}, ground...)...)
	return made, crm.Broken(err, name, "")
}

// Get returns a facility, or [crm.ErrNotFound].
func (s *Store) Get(ctx context.Context, id string) (Facility, error) {
	return crm.One(ctx, s.pool, facilityRow, crm.FacilityName(id), "select "+columns+" from crm.facility where id = $1", id)
}

type position struct {
	Name string `json:"n"`
	ID   string `json:"i"`
}

// List returns a page of facilities by name, and the token of the next.
func (s *Store) List(ctx context.Context, size int, token string) (facilities []Facility, next string, err error) {
	var after position
	if err := paging.Decode(token, &after); err != nil {
		return nil, "", err
	}
	rows, err := s.pool.Query(ctx, "select "+columns+` from crm.facility
		where (display_name, id) > ($1, $2) order by display_name, id limit $3`, after.Name, after.ID, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list facilities: %w", err)
	}
	facilities, err = pgx.CollectRows(rows, facilityRow)
	if err != nil {
		return nil, "", err
	}
	return paging.Cut(facilities, size, func(f Facility) any { return position{Name: f.DisplayName, ID: f.ID} })
}

// Update changes a facility: change is given it as it is stored, and changes what it
// will. The error is [crm.ErrNotFound], [crm.ErrInvalid] or what change returns.
func (s *Store) Update(ctx context.Context, id string, change func(*Facility) error) (Facility, error) {
	f, err := s.Get(ctx, id)
	if err != nil {
		return Facility{}, err
	}
	if err := change(&f); err != nil {
		return Facility{}, err
	}
	var checks crm.Checks
	f.check(&checks)
	if err := checks.Err(); err != nil {
		return Facility{}, err
	}
	name := crm.FacilityName(id)
	if err := crm.PutZone(ctx, s.zones, "facility", f.Ground.Zone(name, f.DisplayName)); err != nil {
		return Facility{}, err
	}
	ground, err := f.Ground.Values()
	if err != nil {
		return Facility{}, err
	}
	return crm.One(ctx, s.pool, facilityRow, name, fmt.Sprintf(`
		update crm.facility set display_name = $2, kind = $3, address = $4, (point, area, center, radius) = row (`+crm.GroundParameters+`)
		where id = $1 returning `, 5, 6, 7, 8)+columns,
		append([]any{id, f.DisplayName, f.Kind, f.Address}, ground...)...)
}
