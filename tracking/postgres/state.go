package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"waybill/tracking/derive"
)

// zonesMovedError says that zones have changed since they were loaded.
type zonesMovedError struct{ version int64 }

func (zonesMovedError) Error() string { return "zones have changed" }

func asZonesMoved(err error) (zonesMovedError, bool) { return errors.AsType[zonesMovedError](err) }

func (t *transaction) begin(ctx context.Context) error {
	if t.batch.remembered {
		return nil // the copy begins it
	}
	return t.lock(ctx)
}

// lock begins the transaction and locks the states of the batch's devices, in order
// of their ids so that nobody waits in a circle. Who holds a device's state is the
// only one to write its fixes, whatever process it is in.
func (t *transaction) lock(ctx context.Context) error {
	ids := make([]int64, len(t.batch.devices))
	for i := range t.batch.devices {
		ids[i] = t.batch.devices[i].id
	}
	var queries pgx.Batch
	queries.Queue("begin")
	queries.Queue("select version from tracking.zone_version").QueryRow(t.checkZones)
	queries.Queue(`
		select device_id, version, newest_time, derived, zones, vehicle_id, fitting_version, silent from tracking.device_state
		where device_id = any($1) order by device_id for update`, ids).Query(t.scanStates)
	if err := t.conn.SendBatch(ctx, &queries).Close(); err != nil {
		return err
	}
	for i := range t.batch.devices {
		t.batch.sortOut(&t.batch.devices[i])
	}
	return t.store.fittings.attach(ctx, t.conn, t.batch.devices)
}

func (t *transaction) checkZones(row pgx.Row) error {
	var version int64
	if err := row.Scan(&version); err != nil {
		return err
	}
	if version != t.zoneVersion {
		return zonesMovedError{version}
	}
	return nil
}

// scanStates reads rows that are in the order of the batch's devices, of which some
// may be missing.
func (t *transaction) scanStates(rows pgx.Rows) error {
	next := t.batch.devices
	for rows.Next() {
		var r stateRow
		if err := rows.Scan(r.targets()...); err != nil {
			return err
		}
		for next[0].id != r.id {
			next = next[1:]
		}
		if err := r.read(&next[0]); err != nil {
			return err
		}
	}
	return rows.Err()
}

// stateRow is a state as it is stored.
type stateRow struct {
	id, version, fittingVersion int64
	newest                      *time.Time
	derived                     []byte
	zones                       []int64
	vehicle                     *int64
	silent                      bool
}

func (r *stateRow) targets() []any {
	return []any{&r.id, &r.version, &r.newest, &r.derived, &r.zones, &r.vehicle, &r.fittingVersion, &r.silent}
}

func (r *stateRow) read(d *deviceBatch) error {
	d.known, d.version, d.fittingVersion, d.silent = true, r.version, r.fittingVersion, r.silent
	d.state = derive.State{}
	if r.derived != nil {
		if err := d.state.UnmarshalBinary(r.derived); err != nil {
			return fmt.Errorf("state of device %d: %w", r.id, err)
		}
		return nil
	}
	// Last seen by a Waybill that knew less: from here on it is followed.
	d.state.Newest = orZero(r.newest)
	d.state.Zones = r.zones
	if r.vehicle != nil {
		d.state.Vehicle = *r.vehicle
	}
	// Not all devices are to keep a state with the same fix.
	d.state.Folded = int(r.id % keepEvery)
	return nil
}

// stateUpdate changes the states that are as we think, if zones are still those that
// were used. Who runs it counts what it changed before the commit. The zones' version
// is its first parameter, and the states come from what follows.
const stateUpdate = `
update tracking.device_state s set
    version = s.version + 1, newest_time = u.newest_time, derived = u.derived,
    fix_time = coalesce(u.fix_time, s.fix_time), lon = coalesce(u.lon, s.lon), lat = coalesce(u.lat, s.lat),
    live = coalesce(u.live, s.live), silent = s.silent and u.live is null
from (`

const endStateUpdate = `) u
where s.device_id = u.device_id and s.version = u.version
    and (select version from tracking.zone_version) = $1`

// updateFromArrays is for few states: no round trip more.
const updateFromArrays = stateUpdate + `
    select * from unnest($2::bigint[], $3::bigint[], $4::timestamptz[], $5::bytea[],
        $6::timestamptz[], $7::float8[], $8::float8[], $9::bytea[])
        as u (device_id, version, newest_time, derived, fix_time, lon, lat, live)` + endStateUpdate

// stateColumns are the arrays that stateUpdate takes. A FlatArray is encoded
// without reflection.
type stateColumns struct {
	devices, versions pgtype.FlatArray[pgtype.Int8]
	newest            pgtype.FlatArray[pgtype.Timestamptz]
	derived           [][]byte
	// These are null where the live fix stays.
	fixTimes pgtype.FlatArray[pgtype.Timestamptz]
	lon, lat pgtype.FlatArray[pgtype.Float8]
	live     [][]byte

	room []byte // what the slices of bytes are parts of
}

// stateSize is about how many bytes a state and a live fix take.
const stateSize = 256

func newStateColumns(n int) *stateColumns {
	return &stateColumns{
		devices: make([]pgtype.Int8, 0, n), versions: make([]pgtype.Int8, 0, n),
		newest: make([]pgtype.Timestamptz, 0, n), derived: make([][]byte, 0, n),
		fixTimes: make([]pgtype.Timestamptz, 0, n), lon: make([]pgtype.Float8, 0, n), lat: make([]pgtype.Float8, 0, n),
		live: make([][]byte, 0, n), room: make([]byte, 0, n*stateSize),
	}
}

// queueStates queues the update of the states that have changed.
func (t *transaction) queueStates(queries *pgx.Batch, n int) error {
	c := newStateColumns(n)
	for i := range t.batch.devices {
		if t.batch.devices[i].changed {
			if err := c.add(t.batch, &t.batch.devices[i]); err != nil {
				return err
			}
		}
	}
	queries.Queue(updateFromArrays, t.zoneVersion, c.devices, c.versions, c.newest, c.derived, c.fixTimes, c.lon, c.lat, c.live).
		Exec(t.countStates(n))
	return nil
}

// countStates finds out whether all states were as we think.
func (t *transaction) countStates(n int) func(pgconn.CommandTag) error {
	return func(tag pgconn.CommandTag) error {
		t.outrun = tag.RowsAffected() != int64(n)
		return nil
	}
}

func (c *stateColumns) add(b *batch, d *deviceBatch) error {
	c.devices = append(c.devices, pgtype.Int8{Int64: d.id, Valid: true})
	c.versions = append(c.versions, pgtype.Int8{Int64: d.version, Valid: true})
	c.newest = append(c.newest, moment(d.after.Newest))
	start := len(c.room)
	var err error
	if c.room, err = d.after.AppendBinary(c.room); err != nil {
		return err
	}
	c.derived = append(c.derived, c.since(start))
	if d.live < 0 {
		c.fixTimes = append(c.fixTimes, pgtype.Timestamptz{})
		c.lon, c.lat = append(c.lon, pgtype.Float8{}), append(c.lat, pgtype.Float8{})
		c.live = append(c.live, nil)
		return nil
	}
	r := &b.records[d.live]
	c.fixTimes = append(c.fixTimes, moment(r.Fix.Time))
	c.lon = append(c.lon, pgtype.Float8{Float64: r.Fix.Position.Lon(), Valid: true})
	c.lat = append(c.lat, pgtype.Float8{Float64: r.Fix.Position.Lat(), Valid: true})
	start = len(c.room)
	c.room = appendLive(c.room, r)
	c.live = append(c.live, c.since(start))
	return nil
}

// since is what was written since the position. When there is no more room and the rest
// goes elsewhere, it stays where it is.
func (c *stateColumns) since(start int) []byte { return c.room[start:len(c.room):len(c.room)] }
