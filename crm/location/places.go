package location

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"

	"waybill/crm"
)

// readPlaces reads places by their resource names, all in one round trip, and the
// language of the customer.
func readPlaces(ctx context.Context, pool *pgxpool.Pool, customer string, names []string) (map[string]Place, string, error) {
	// Names are taken apart here, so that each table is read by its primary key.
	var facilities, stationOf, stations, locationOf, locations, siteOf, sites []string
	for _, name := range names {
		if ids, ok := crm.ParseName(crm.FacilityPattern, name); ok {
			facilities = append(facilities, ids[0])
		} else if ids, ok := crm.ParseName(crm.StationPattern, name); ok {
			stationOf, stations = append(stationOf, ids[0]), append(stations, ids[1])
		} else if ids, ok := crm.ParseName(crm.StorageLocationPattern, name); ok {
			locationOf, locations = append(locationOf, ids[0]), append(locations, ids[1])
		} else if ids, ok := crm.ParseName(crm.SitePattern, name); ok {
			siteOf, sites = append(siteOf, ids[0]), append(sites, ids[1])
		}
	}
	batch := &pgx.Batch{}
	batch.Queue(`select language from crm.customer where id = $1`, customer)
	batch.Queue(`
		select 'facilities/' || f.id, 'facility', f.display_name, '', ST_X(f.point), ST_Y(f.point)
		from crm.facility f where f.id = any($1)
		union all
		select 'facilities/' || s.facility || '/stations/' || s.id, 'station', s.display_name, f.display_name, ST_X(f.point), ST_Y(f.point)
		from unnest($2::text[], $3::text[]) n (facility, id) join crm.station s using (facility, id) join crm.facility f on f.id = s.facility
		union all
		select 'facilities/' || s.facility || '/storageLocations/' || s.id, 'storage_location', s.display_name, f.display_name, ST_X(f.point), ST_Y(f.point)
		from unnest($4::text[], $5::text[]) n (facility, id) join crm.storage_location s using (facility, id) join crm.facility f on f.id = s.facility
		union all
		select 'customers/' || s.customer || '/sites/' || s.id, 'site', s.display_name, '', ST_X(s.point), ST_Y(s.point)
		from unnest($6::text[], $7::text[]) n (customer, id) join crm.site s using (customer, id)`,
		facilities, stationOf, stations, locationOf, locations, siteOf, sites)
	results := pool.SendBatch(ctx, batch)
	defer func() { _ = results.Close() }() // its errors are those of the queries
	var language string
	if err := results.QueryRow().Scan(&language); err != nil {
		return nil, "", fmt.Errorf("read the customer's language: %w", err)
	}
	rows, err := results.Query()
	if err != nil {
		return nil, "", fmt.Errorf("read places: %w", err)
	}
	places := make(map[string]Place, len(names))
	var p Place
	var lon, lat float64
	_, err = pgx.ForEachRow(rows, []any{&p.Name, &p.Kind, &p.DisplayName, &p.Facility, &lon, &lat}, func() error {
		read := p
		read.Point = &orb.Point{lon, lat}
		places[p.Name] = read
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("read places: %w", err)
	}
	return places, language, nil
}
