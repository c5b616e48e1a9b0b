package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"waybill/tracking/derive"
)

// zonesMovedError says that zones have changed since they were loaded.
type zonesMovedError struct{ version int64 }

func (zonesMovedError) Error() string { return "zones have changed" }

func asZonesMoved(err error) (zonesMovedError, bool) { return errors.AsType[zonesMovedError](err) }

// recall takes the states from memory when all are there and all fixes are newer
// than what is stored: then they are not locked, and the fence in the update of the
// states tells whether they were right.
func (t *transaction) recall() {
	t.zoneVersion, t.zones = t.store.zones.current()
	t.remembered = !t.staged && t.zones != nil && t.store.states.recall(t.batch.devices)
	if !t.remembered {
		return
	}
	t.batch.sortOut(false)
	t.remembered = !t.hasRest() && len(t.store.fittings.recall(t.batch.devices)) == 0
}

func (t *transaction) begin(ctx context.Context) error {
	if t.remembered {
		_, err := t.conn.Exec(ctx, "begin")
		return err
	}
	return t.lock(ctx)
}

// lock begins the transaction and locks the states of the batch's devices, in order
// of their ids so that nobody waits in a circle. Who holds a device's state is the
// only one to write its fixes, whatever process it is in.
func (t *transaction) lock(ctx context.Context) error {
	ids := make([]int64, len(t.batch.devices))
	for i := range t.batch.devices {
		t.batch.devices[i].known = false
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
	t.batch.sortOut(t.staged)
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

// stateUpdate fails, by dividing by zero, unless it changed as many rows as were
// meant and zones are still those that were used: an update that found nothing
// would not stop the commit behind it.
const stateUpdate = `
with changed as (
    update tracking.device_state s set
        version = s.version + 1, newest_time = u.newest_time, derived = u.derived,
        fix_time = coalesce(u.fix_time, s.fix_time), geom = coalesce(u.geom::geometry, s.geom),
        live = coalesce(u.live, s.live), silent = s.silent and u.live is null
    from unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::bytea[], $5::timestamptz[], $6::bytea[], $7::bytea[])
        as u (device_id, version, newest_time, derived, fix_time, geom, live)
    where s.device_id = u.device_id and s.version = u.version
    returning 1
)
select 1 / (count(*) = cardinality($1) and (select version from tracking.zone_version) = $8)::int from changed`

// stateColumns are the arrays that stateUpdate takes. A FlatArray is encoded
// without reflection.
type stateColumns struct {
	devices, versions []int64
	newest            []time.Time
	derived           [][]byte
	fixTimes          pgtype.FlatArray[pgtype.Timestamptz] // these three are null where the live fix stays
	points, live      [][]byte

	room []byte // what the slices of bytes are parts of
}

// queueStates queues the update of the states that have changed.
func queueStates(queries *pgx.Batch, b *batch, zoneVersion int64) error {
	var c stateColumns
	for i := range b.devices {
		if b.devices[i].changed {
			if err := c.add(b, &b.devices[i]); err != nil {
				return err
			}
		}
	}
	if len(c.devices) > 0 {
		queries.Queue(stateUpdate, c.devices, c.versions, c.newest, c.derived, c.fixTimes, c.points, c.live, zoneVersion)
	}
	return nil
}

func (c *stateColumns) add(b *batch, d *deviceBatch) error {
	c.devices = append(c.devices, d.id)
	c.versions = append(c.versions, d.version)
	c.newest = append(c.newest, d.after.Newest)
	start := len(c.room)
	var err error
	if c.room, err = d.after.AppendBinary(c.room); err != nil {
		return err
	}
	c.derived = append(c.derived, c.since(start))
	if d.live < 0 {
		c.fixTimes = append(c.fixTimes, pgtype.Timestamptz{})
		c.points, c.live = append(c.points, nil), append(c.live, nil)
		return nil
	}
	r := &b.records[d.live]
	c.fixTimes = append(c.fixTimes, moment(r.Fix.Time))
	start = len(c.room)
	c.room = appendPoint(c.room, r.Fix.Position)
	c.points = append(c.points, c.since(start))
	start = len(c.room)
	c.room = appendLive(c.room, r)
	c.live = append(c.live, c.since(start))
	return nil
}

// since is what was written since the position. When there is no more room and the rest
// goes elsewhere, it stays where it is.
func (c *stateColumns) since(start int) []byte { return c.room[start:len(c.room):len(c.room)] }
