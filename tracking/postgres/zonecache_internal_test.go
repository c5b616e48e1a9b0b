package postgres

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/internal/pgtest"
	"waybill/tracking"
	"waybill/tracking/derive"
)

// zonesBed is a registry and the cache that has to follow it.
type zonesBed struct {
	*Registry
	pool  *pgxpool.Pool
	cache *zoneCache
}

func newZonesBed(t testing.TB) zonesBed {
	t.Helper()
	pool := pgtest.New(t)
	return zonesBed{Registry: NewRegistry(pool, "CN"), pool: pool, cache: newZoneCache(pool)}
}

func (b zonesBed) version(ctx context.Context, t require.TestingT) (version int64) {
	err := b.pool.QueryRow(ctx, "select version from tracking.zone_version").Scan(&version)
	require.NoError(t, err)
	return version
}

// follow brings the cache up to date.
func (b zonesBed) follow(ctx context.Context, t require.TestingT) derive.Zones {
	require.NoError(t, b.cache.reload(ctx, b.version(ctx, t)))
	version, index := b.cache.current()
	require.Equal(t, b.version(ctx, t), version)
	return index
}

// What follows the changes knows what one knows that loads all, whatever happens to
// zones.
func TestZoneCacheFollowsChanges(t *testing.T) {
	t.Parallel()
	b := newZonesBed(t)
	ctx := t.Context()
	_, none := b.cache.current()
	require.Nil(t, none)
	rapid.Check(t, func(t *rapid.T) {
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			z := drawZone(t)
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0, 1:
				_, _ = b.CreateZone(ctx, z, "") // it may exist
			case 2:
				_, _ = b.UpdateZone(ctx, z, tracking.ZoneMask{Ground: true})
			case 3:
				_, _ = b.UpdateZone(ctx, z, tracking.ZoneMask{SpeedLimit: true, DisplayName: true})
			case 4:
				z.Owner, z.UID = "facilities/"+z.UID, ""
				_, err := b.PutOwnedZone(ctx, z)
				require.NoError(t, err)
			case 5:
				_ = b.DeleteZone(ctx, z.UID)
			case 6:
				_, err := b.pool.Exec(ctx, "delete from tracking.zone where uid = $1", z.UID)
				require.NoError(t, err)
			}
			if rapid.Bool().Draw(t, "compact") {
				b.cache.compact()
			}
		}
		followed := b.follow(ctx, t)
		all := zonesBed{pool: b.pool, cache: newZoneCache(b.pool)}.follow(ctx, t)
		for lon := 0.5; lon < 6; lon++ {
			p := orb.Point{lon, 0.5}
			at := all.At(nil, p)
			require.Equal(t, at, followed.At(nil, p))
			for _, id := range at {
				want, got := all.SpeedLimit(id), followed.SpeedLimit(id)
				require.True(t, want == got || math.IsNaN(want) && math.IsNaN(got), "%v, %v", want, got)
			}
		}
	})
}

func drawZone(t *rapid.T) tracking.Zone {
	z := tracking.Zone{
		UID:        fmt.Sprintf("z%d", rapid.IntRange(0, 9).Draw(t, "uid")),
		SpeedLimit: rapid.SampledFrom([]float64{0, 0, 10, 20}).Draw(t, "limit"),
	}
	west, east := rapid.Float64Range(0, 5).Draw(t, "west"), rapid.Float64Range(0.1, 2).Draw(t, "width")
	switch rapid.IntRange(0, 2).Draw(t, "shape") {
	case 0:
		z.Area = orb.MultiPolygon{{{{west, 0}, {west + east, 0}, {west + east, 1}, {west, 1}, {west, 0}}}}
	case 1:
		z.Center, z.Radius = orb.Point{west, 0.5}, east*1e5
	case 2:
		z.Path, z.Width = orb.LineString{{west, 0}, {west + east, 1}}, 5e4
	}
	return z
}

// Changes that come while the layers are brought together are not lost.
func TestZoneCacheCompactsWhileZonesChange(t *testing.T) {
	t.Parallel()
	b := newZonesBed(t)
	create := func(uid string, lon float64) {
		_, err := b.CreateZone(t.Context(), tracking.Zone{UID: uid, Center: orb.Point{lon, 0}, Radius: 100, SpeedLimit: 1 + lon}, "")
		require.NoError(t, err)
		b.follow(t.Context(), t)
	}
	for i := range 100 {
		create(fmt.Sprintf("a%d", i), float64(i))
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 50 {
			b.cache.compact()
		}
	}()
	for i := range 50 {
		create(fmt.Sprintf("b%d", i), float64(i)+0.5)
	}
	<-done
	b.cache.compact()
	loaded := b.cache.loaded.Load()
	require.Equal(t, 1, loaded.Layers())
	for i := range 150 {
		lon := float64(i)
		if i >= 100 {
			lon = float64(i-100) + 0.5
		}
		ids := loaded.At(nil, orb.Point{lon, 0})
		require.Len(t, ids, 1)
		require.InDelta(t, 1+lon, loaded.SpeedLimit(ids[0]), 0)
	}
	require.True(t, math.IsNaN(loaded.SpeedLimit(-1)))
}

func TestZoneVersion(t *testing.T) {
	t.Parallel()
	b := newZonesBed(t)
	ctx := t.Context()
	_, err := b.CreateZone(ctx, tracking.Zone{UID: "a", Radius: 5}, "")
	require.NoError(t, err)
	before := b.version(ctx, t)

	_, err = b.UpdateZone(ctx, tracking.Zone{UID: "a", DisplayName: "A", Radius: 5}, tracking.ZoneMask{DisplayName: true, Ground: true})
	require.NoError(t, err)
	require.Equal(t, before, b.version(ctx, t), "the ground is the same")

	tx, err := b.pool.Begin(ctx)
	require.NoError(t, err)
	for i := range 20 {
		_, err = tx.Exec(ctx, "insert into tracking.zone (uid, center, radius) values ($1, ST_Point(1, 1, 4326), 5)", fmt.Sprintf("b%d", i))
		require.NoError(t, err)
	}
	require.Equal(t, before, b.version(ctx, t), "not yet committed")
	require.NoError(t, tx.Commit(ctx))
	require.Equal(t, before+1, b.version(ctx, t), "one transaction is one change")
	changes, err := loadZones(ctx, b.pool, before)
	require.NoError(t, err)
	require.False(t, changes.whole)
	require.Len(t, changes.zones, 20)

	require.NoError(t, b.DeleteZone(ctx, "a"))
	changes, err = loadZones(ctx, b.pool, before+1)
	require.NoError(t, err)
	require.Empty(t, changes.zones)
	require.Len(t, changes.removed, 1)

	_, err = b.pool.Exec(ctx, "truncate tracking.zone cascade")
	require.NoError(t, err)
	changes, err = loadZones(ctx, b.pool, before+2)
	require.NoError(t, err)
	require.True(t, changes.whole)
	require.Empty(t, changes.zones)
}

// Two who change zones at once, one of them an owner's, don't wait for each other.
func TestZonesChangeAtOnce(t *testing.T) {
	t.Parallel()
	b := newZonesBed(t)
	const owner = "facilities/f"
	zone, err := b.PutOwnedZone(t.Context(), tracking.Zone{Owner: owner, Radius: 5})
	require.NoError(t, err)
	const times = 50
	failed := make(chan error, 2*times)
	done := make(chan struct{}, 2)
	go func() {
		for i := range times {
			_, err := b.PutOwnedZone(t.Context(), tracking.Zone{Owner: owner, Radius: float64(6 + i)})
			failed <- err
		}
		done <- struct{}{}
	}()
	go func() {
		for i := range times {
			_, err := b.UpdateZone(t.Context(), tracking.Zone{UID: zone.UID, SpeedLimit: float64(1 + i)}, tracking.ZoneMask{SpeedLimit: true})
			failed <- err
		}
		done <- struct{}{}
	}()
	<-done
	<-done
	close(failed)
	for err := range failed {
		require.NoError(t, err)
	}
}
