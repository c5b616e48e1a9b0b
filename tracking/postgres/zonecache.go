package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/tracking/derive"
)

// maxZoneLayers is how many layers an index may have before they are brought together:
// some dozens of changes.
const maxZoneLayers = 6

// zoneCache holds the index of all zones, as of a version. Whoever finds that it is too
// old brings it up to date, by what has changed; what then lies in layers is brought
// together by [FixStore.KeepZones], while everybody goes on with what there is.
type zoneCache struct {
	pool *pgxpool.Pool
	// layered has room for one note that there are many layers.
	layered chan struct{}

	loaded atomic.Pointer[loadedZones] // written with loading

	loading sync.Mutex // held by the one who loads, and not while he compacts
	// since is what has come since somebody began to compact; nil when nobody does.
	// Guarded by loading.
	since []*zoneChanges
}

func newZoneCache(pool *pgxpool.Pool) *zoneCache {
	c := &zoneCache{pool: pool, layered: make(chan struct{}, 1)}
	c.loaded.Store(noZones())
	return c
}

// current is what there is, without asking the database; nil before the first load.
func (c *zoneCache) current() (version int64, index derive.Zones) {
	loaded := c.loaded.Load()
	if loaded.version < 0 {
		return loaded.version, nil
	}
	return loaded.version, loaded
}

// reload brings the index up to date unless it has at least the version.
func (c *zoneCache) reload(ctx context.Context, atLeast int64) error {
	c.loading.Lock()
	defer c.loading.Unlock()
	before := c.loaded.Load()
	if before.version >= atLeast {
		return nil
	}
	changes, err := loadZones(ctx, c.pool, before.version)
	if err != nil {
		return fmt.Errorf("load the zones: %w", err)
	}
	after := before.with(changes)
	c.loaded.Store(after)
	if c.since != nil {
		c.since = append(c.since, changes)
	}
	if after.Layers() > maxZoneLayers {
		select {
		case c.layered <- struct{}{}:
		default: // it is noted already
		}
	}
	return nil
}

// KeepZones loads the zones, so that the first fixes needn't wait for them, and keeps
// their index in few pieces as they change. It returns when ctx is done.
func (s *FixStore) KeepZones(ctx context.Context) error {
	if err := s.zones.reload(ctx, 0); err != nil && ctx.Err() == nil {
		s.logger.WarnContext(ctx, "zones are not loaded ahead of the first fix", slog.Any("error", err))
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.zones.layered:
			s.zones.compact()
		}
	}
}

// compact brings the layers together.
func (c *zoneCache) compact() {
	c.loading.Lock()
	from := c.loaded.Load()
	c.since = []*zoneChanges{}
	c.loading.Unlock()

	compacted := from.compact()

	c.loading.Lock()
	defer c.loading.Unlock()
	for _, changes := range c.since {
		compacted = compacted.with(changes)
	}
	c.since = nil
	c.loaded.Store(compacted)
}
