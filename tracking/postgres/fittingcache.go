package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/tracking/derive"
)

// maxFittings bounds how many devices' fittings are remembered.
const maxFittings = 500_000

// primaryFitting says that a device was a vehicle's primary one for a time.
type primaryFitting struct {
	vehicleID int64
	vehicle   string
	// from is inclusive, to exclusive; zero where it has no bound.
	from, to time.Time
}

// fittings are all of a device, and its limits, as of a version of its state row.
type fittings struct {
	version int64
	list    []primaryFitting
	limits  derive.Limits
}

// at gives the vehicle that the device was primary on, or a zero fitting.
func (f fittings) at(t time.Time) primaryFitting {
	for _, fitting := range f.list {
		if !t.Before(fitting.from) && (fitting.to.IsZero() || t.Before(fitting.to)) {
			return fitting
		}
	}
	return primaryFitting{}
}

// fittingCache remembers fittings. They are loaded again when the version in the
// device's state row has moved.
type fittingCache struct {
	mu       sync.RWMutex
	byDevice map[int64]fittings // guarded by mu
}

func newFittingCache() *fittingCache { return &fittingCache{byDevice: make(map[int64]fittings)} }

// attach sets the fittings of the devices, whose state rows the transaction has
// locked: so nobody changes them meanwhile.
func (c *fittingCache) attach(ctx context.Context, conn *pgx.Conn, devices []deviceBatch) error {
	missing := c.recall(devices)
	if len(missing) == 0 {
		return nil
	}
	lists, err := loadFittings(ctx, conn, missing)
	if err != nil {
		return err
	}
	limits, err := loadLimits(ctx, conn, missing)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.byDevice)+len(missing) > maxFittings {
		clear(c.byDevice)
	}
	for i := range devices {
		if d := &devices[i]; len(missing) > 0 && missing[0] == d.id {
			d.fittings = fittings{version: d.fittingVersion, list: lists[d.id], limits: limits[d.id]}
			c.byDevice[d.id] = d.fittings
			missing = missing[1:]
		}
	}
	return nil
}

// recall sets the fittings that are remembered and gives the devices whose are not,
// in their order.
func (c *fittingCache) recall(devices []deviceBatch) (missing []int64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for i := range devices {
		d := &devices[i]
		cached, ok := c.byDevice[d.id]
		if ok && cached.version == d.fittingVersion {
			d.fittings = cached
		} else if d.known {
			missing = append(missing, d.id)
		}
	}
	return missing
}

func loadFittings(ctx context.Context, conn *pgx.Conn, devices []int64) (map[int64][]primaryFitting, error) {
	rows, err := conn.Query(ctx, `
		select f.device_id, f.vehicle_id, v.uid, nullif(f.from_time, '-infinity'), nullif(f.to_time, 'infinity')
		from tracking.fitting f join tracking.vehicle v on v.id = f.vehicle_id
		where f.device_id = any($1) and f.is_primary
		order by f.device_id, f.from_time desc`, devices)
	if err != nil {
		return nil, err
	}
	lists := make(map[int64][]primaryFitting, len(devices))
	var device int64
	var f primaryFitting
	var from, to *time.Time
	_, err = pgx.ForEachRow(rows, []any{&device, &f.vehicleID, &f.vehicle, &from, &to}, func() error {
		f.from, f.to = orZero(from), orZero(to)
		lists[device] = append(lists[device], f)
		return nil
	})
	return lists, err
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
