package facility

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"waybill/crm"
	"waybill/internal/paging"
)

const stationColumns = "facility, id, display_name, line"

func stationRow(row pgx.CollectableRow) (Station, error) {
	var s Station
	if err := row.Scan(&s.Facility, &s.ID, &s.DisplayName, &s.Line); err != nil {
		return s, fmt.Errorf("read a station: %w", err)
	}
	return s, nil
}

// CreateStation adds a station to a facility, as [Store.Create] adds facilities; an
// unknown facility is [crm.ErrNotFound].
func (s *Store) CreateStation(ctx context.Context, st Station, requestID string) (Station, error) {
	var checks crm.Checks
	st.ID = crm.CheckID(&checks, "station_id", st.ID)
	checkName(&checks, "station", st.DisplayName)
	checks.That(len(st.Line) <= maxText, "station.line", "use at most 500 bytes")
	if err := checks.Err(); err != nil {
		return Station{}, err
	}
	return crm.Once(ctx, requestID,
		func(ctx context.Context) (Station, error) {
			found, err := crm.One(ctx, s.pool, stationRow, "request", "select "+stationColumns+" from crm.station where request_id = $1", requestID)
			if err == nil && found.Facility != st.Facility {
				return found, crm.OtherRequest()
			}
			return found, err
		},
		func(ctx context.Context) (Station, error) {
			name := crm.StationName(st.Facility, st.ID)
			made, err := crm.One(ctx, s.pool, stationRow, name, `
				insert into crm.station (facility, id, display_name, line, request_id)
				values ($1, $2, $3, $4, nullif($5, '')) returning `+stationColumns,
				st.Facility, st.ID, st.DisplayName, st.Line, requestID)
			return made, crm.Broken(err, name, crm.FacilityName(st.Facility))
		})
}

// Stations returns a page of a facility's stations by id, and the token of the next.
func (s *Store) Stations(ctx context.Context, facility string, size int, token string) (stations []Station, next string, err error) {
	stations, err = inside(ctx, s, stationRow, "select "+stationColumns+" from crm.station", facility, size, token)
	if err != nil {
		return nil, "", err
	}
	return paging.Cut(stations, size, func(s Station) any { return s.ID })
}

const locationColumns = "facility, id, display_name"

func locationRow(row pgx.CollectableRow) (StorageLocation, error) {
	var l StorageLocation
	if err := row.Scan(&l.Facility, &l.ID, &l.DisplayName); err != nil {
		return l, fmt.Errorf("read a storage location: %w", err)
	}
	return l, nil
}

// CreateStorageLocation adds a storage location to a facility, as [Store.Create]
// adds facilities; an unknown facility is [crm.ErrNotFound].
func (s *Store) CreateStorageLocation(ctx context.Context, l StorageLocation, requestID string) (StorageLocation, error) {
	var checks crm.Checks
	l.ID = crm.CheckID(&checks, "storage_location_id", l.ID)
	checkName(&checks, "storage_location", l.DisplayName)
	if err := checks.Err(); err != nil {
		return StorageLocation{}, err
	}
	return crm.Once(ctx, requestID,
		func(ctx context.Context) (StorageLocation, error) {
			found, err := crm.One(ctx, s.pool, locationRow, "request",
				"select "+locationColumns+" from crm.storage_location where request_id = $1", requestID)
			if err == nil && found.Facility != l.Facility {
				return found, crm.OtherRequest()
			}
			return found, err
		},
		func(ctx context.Context) (StorageLocation, error) {
			name := crm.StorageLocationName(l.Facility, l.ID)
			made, err := crm.One(ctx, s.pool, locationRow, name, `
				insert into crm.storage_location (facility, id, display_name, request_id)
				values ($1, $2, $3, nullif($4, '')) returning `+locationColumns,
				l.Facility, l.ID, l.DisplayName, requestID)
			return made, crm.Broken(err, name, crm.FacilityName(l.Facility))
		})
}

// StorageLocations returns a page of a facility's storage locations by id, and the
// token of the next.
func (s *Store) StorageLocations(ctx context.Context, facility string, size int, token string) (locations []StorageLocation, next string, err error) {
	locations, err = inside(ctx, s, locationRow, "select "+locationColumns+" from crm.storage_location", facility, size, token)
	if err != nil {
		return nil, "", err
	}
	return paging.Cut(locations, size, func(l StorageLocation) any { return l.ID })
}

// inside lists what is in a facility by id, one more than size.
func inside[T any](ctx context.Context, s *Store, row pgx.RowToFunc[T], query, facility string, size int, token string) ([]T, error) {
	after := ""
	if err := paging.Decode(token, &after); err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, query+" where facility = $1 and id > $2 order by id limit $3", facility, after, size+1)
	if err != nil {
		return nil, fmt.Errorf("list what is in %s: %w", crm.FacilityName(facility), err)
	}
	return pgx.CollectRows(rows, row)
}
