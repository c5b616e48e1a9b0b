package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"

	"waybill/geo/zone"
)

// selectChanges gives the version and, in the same snapshot, the zones that changed
// since another; or all that there are, when rows have gone since then.
const selectChanges = `
select v.version, v.whole_version > $1, z.id, z.delete_time is not null,
    ST_AsBinary(z.area), ST_X(z.center), ST_Y(z.center), z.radius, ST_AsBinary(z.corridor), z.width, z.speed_limit
from tracking.zone_version v
left join tracking.zone z on case when v.whole_version > $1 then z.delete_time is null else z.change_version > $1 end`

// loadZones reads what has changed since a version; all for -1.
func loadZones(ctx context.Context, pool *pgxpool.Pool, since int64) (*zoneChanges, error) {
	rows, err := pool.Query(ctx, selectChanges, since)
	if err != nil {
		return nil, err
	}
	changes := &zoneChanges{limits: make(map[int64]float64)}
	var id *int64
	var removed bool
	var area, path []byte
	var lon, lat, radius, width, limit *float64
	_, err = pgx.ForEachRow(rows,
		[]any{&changes.version, &changes.whole, &id, &removed, &area, &lon, &lat, &radius, &path, &width, &limit},
		func() error {
			switch {
			case id == nil: // no zone has changed
				return nil
			case removed:
				changes.removed = append(changes.removed, *id)
				return nil
			}
			z := zone.Zone{ID: *id}
			var err error
			switch {
			case radius != nil:
				z.Center, z.Radius = orb.Point{*lon, *lat}, *radius
			case width != nil:
				z.Width = *width
				z.Path, err = decodePath(path)
			default:
				z.Area, err = decodeArea(area)
			}
			if err != nil {
				return fmt.Errorf("zone %d: %w", z.ID, err)
			}
			changes.zones = append(changes.zones, z)
			if limit != nil {
				changes.limits[z.ID] = *limit
			}
			return nil
		})
	if err != nil {
		return nil, err
	}
	return changes, nil
}
