package historybench

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/tracking/postgres"
)

// settleBatch is how many devices settle in a batch.
const settleBatch = 2_000

// fleet is a database with devices that circle around cities, one vehicle each.
type fleet struct {
	pool  *pgxpool.Pool
	size  int
	first time.Time // midnight before the first position
}

// newFleet makes the devices and vehicles in a database that is migrated and empty.
// The history ends with yesterday.
func newFleet(ctx context.Context, pool *pgxpool.Pool, size, days int) (*fleet, error) {
	f := &fleet{pool: pool, size: size, first: time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -days)}
	_, err := pool.Exec(ctx, `
with d as (
    insert into tracking.device (uid) select 'unit-' || i from generate_series(0, $1::int - 1) i order by i returning id, uid
), v as (
    insert into tracking.vehicle (uid) select 'truck-' || i from generate_series(0, $1::int - 1) i order by i returning id, uid
), s as (
    insert into tracking.device_state (device_id) select id from d
)
insert into tracking.fitting (device_id, vehicle_id, is_primary, from_time)
select d.id, v.id, true, $2 from d join v on substr(v.uid, 7) = substr(d.uid, 6)`, size, f.first)
	if err != nil {
		return nil, fmt.Errorf("make a fleet: %w", err)
	}
	return f, nil
}

// day is the midnight that begins the day of the history.
func (f *fleet) day(n int) time.Time { return f.first.AddDate(0, 0, n) }

// fill stores positions for the day, spread evenly over the fleet and the hours, in
// the order in which they would have come.
func (f *fleet) fill(ctx context.Context, n, positions int) error {
	start := f.day(n)
	if err := postgres.NewPartitions(f.pool, postgres.PartitionOptions{}).Ensure(ctx, start); err != nil {
		return err
	}
	_, err := f.pool.Exec(ctx, `
insert into tracking.position (device_id, fix_time, received_time, geom, altitude, speed, course, accuracy, satellites, source, attributes)
select d.id, t.at, t.at + interval '1 second', `+place+`, 44, 15, 90, 5, 9, 'mqtt/waybill', '{"ignition": true}'
from (
    select i % $3 as number, $1::timestamptz + i * 86400000000 / $2 * interval '1 microsecond' as at,
        i * 86400.0::float8 / $2 as second
    from generate_series(0, $2::bigint - 1) i
) t join tracking.device d on d.uid = 'unit-' || t.number
order by t.at`, start, positions, f.size)
	if err != nil {
		return fmt.Errorf("fill %s: %w", start.Format(time.DateOnly), err)
	}
	return nil
}

// place is where the unit of the number is at the time: on a circle of up to 20 km
// around one of 50 cities, at 15 m/s.
const place = `ST_SetSRID(ST_MakePoint(
    100 + t.number % 10 + (0.01::float8 + 0.0002::float8 * (t.number / 50 % 1000)) * cos(t.second * 15 / 111195 / (0.01::float8 + 0.0002::float8 * (t.number / 50 % 1000))),
    25 + t.number / 10 % 5 + (0.01::float8 + 0.0002::float8 * (t.number / 50 % 1000)) * sin(t.second * 15 / 111195 / (0.01::float8 + 0.0002::float8 * (t.number / 50 % 1000)))), 4326)`

// settle has every device report once more, so that it has a state as ingest makes it,
// and lets the server know what there is.
func (f *fleet) settle(ctx context.Context) error {
	r, err := f.reporter(ctx)
	if err != nil {
		return err
	}
	for first := 0; first < f.size; first += settleBatch {
		if err := r.commit(ctx, first, min(settleBatch, f.size-first), 1); err != nil {
			return err
		}
	}
	for _, table := range []string{"device", "vehicle", "fitting", "device_state"} {
		if _, err := f.pool.Exec(ctx, "vacuum analyze tracking."+table); err != nil {
			return fmt.Errorf("settle the fleet: %w", err)
		}
	}
	// What filling has left to be written is not to be waited for by what is measured.
	if _, err := f.pool.Exec(ctx, "checkpoint"); err != nil {
		return fmt.Errorf("settle the fleet: %w", err)
	}
	return nil
}
