package postgres

import (
	"maps"
	"math"

	"waybill/geo/zone"
)

// loadedZones are all zones as of a version: where they are, and how fast one may drive
// in them. They do not change.
type loadedZones struct {
	*zone.Index
	version int64
	limits  map[int64]float64 // only of zones that have one
}

// noZones are those of no version.
func noZones() *loadedZones {
	return &loadedZones{Index: zone.NewIndex(nil), version: -1}
}

// SpeedLimit is what holds in the zone, in metres a second; NaN for none.
func (z *loadedZones) SpeedLimit(id int64) float64 {
	if limit, ok := z.limits[id]; ok {
		return limit
	}
	return math.NaN()
}

// with is the zones after a change, sharing what did not.
func (z *loadedZones) with(c *zoneChanges) *loadedZones {
	next := &loadedZones{version: c.version, limits: z.limits}
	if c.whole {
		next.Index = zone.NewIndex(c.zones)
		next.limits = c.limits
		return next
	}
	next.Index = z.Index
	if len(c.zones)+len(c.removed) > 0 {
		next.Index = z.With(c.zones, c.removed)
	}
	if c.touches(z.limits) {
		next.limits = maps.Clone(z.limits)
		if next.limits == nil {
			next.limits = make(map[int64]float64, len(c.limits))
		}
		for _, changed := range c.zones {
			delete(next.limits, changed.ID)
		}
		for _, id := range c.removed {
			delete(next.limits, id)
		}
		maps.Copy(next.limits, c.limits)
	}
	return next
}

// compact is the same zones, of which the index is of one piece.
func (z *loadedZones) compact() *loadedZones {
	return &loadedZones{Index: z.Compact(), version: z.version, limits: z.limits}
}

// zoneChanges are what happened to zones up to a version.
type zoneChanges struct {
	version int64
	// whole says that zones are all that there are.
	whole   bool
	zones   []zone.Zone
	removed []int64
	limits  map[int64]float64 // of zones, those that have one
}

// touches says whether limits change.
func (c *zoneChanges) touches(limits map[int64]float64) bool {
	for _, changed := range c.zones {
		before, had := limits[changed.ID]
		if now, has := c.limits[changed.ID]; had != has || before != now {
			return true
		}
	}
	for _, id := range c.removed {
		if _, had := limits[id]; had {
			return true
		}
	}
	return false
}
