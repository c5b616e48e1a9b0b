package postgres

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"waybill/geo/zone"
	"waybill/tracking/derive"
)

// zoneCache holds the index of all zones, as of a version.
type zoneCache struct {
	pool *pgxpool.Pool

	loading sync.Mutex // held by the one who loads

	mu      sync.RWMutex
	version int64        // guarded by mu; -1 before the first load
	index   derive.Zones // guarded by mu
}

func newZoneCache(pool *pgxpool.Pool) *zoneCache {
	return &zoneCache{pool: pool, version: -1}
}

func (c *zoneCache) current() (version int64, index derive.Zones) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.version, c.index
}

// reload brings the index up to date unless it has at least the version.
func (c *zoneCache) reload(ctx context.Context, atLeast int64) error {
	c.loading.Lock()
	defer c.loading.Unlock()
	if version, _ := c.current(); version >= atLeast {
		return nil
	}
	version, zones, err := loadZones(ctx, c.pool)
	if err != nil {
		return fmt.Errorf("load the zones: %w", err)
	}
	index := zoneIndex{zone.NewIndex(zones)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.version, c.index = version, index
	return nil
}

// loadZones reads the zones and their version in one snapshot.
func loadZones(ctx context.Context, pool *pgxpool.Pool) (version int64, zones []zone.Zone, err error) {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, pool, options, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, "select version from tracking.zone_version").Scan(&version); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			select id, ST_AsBinary(area), ST_X(center), ST_Y(center), radius
			from tracking.zone where delete_time is null`)
		if err != nil {
			return err
		}
		zones, err = pgx.CollectRows(rows, scanIndexed)
		return err
	})
	return version, zones, err
}

func scanIndexed(row pgx.CollectableRow) (zone.Zone, error) {
	var z zone.Zone
	var area []byte
	var lon, lat, radius *float64
	if err := row.Scan(&z.ID, &area, &lon, &lat, &radius); err != nil {
		return z, err
	}
	if area == nil {
		z.Center, z.Radius = orb.Point{*lon, *lat}, *radius
		return z, nil
	}
	geometry, err := wkb.Unmarshal(area)
	if err != nil {
		return z, fmt.Errorf("zone %d: %w", z.ID, err)
	}
	polygons, ok := geometry.(orb.MultiPolygon)
	if !ok {
		return z, fmt.Errorf("zone %d: its area is a %s", z.ID, geometry.GeoJSONType())
	}
	z.Area = polygons
	return z, nil
}

// zoneIndex knows of no limits yet.
type zoneIndex struct{ *zone.Index }

func (zoneIndex) SpeedLimit(int64) float64 { return math.NaN() }
