package postgres

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"waybill/tracking"
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
		select device_id, version, newest_time, zones, vehicle_id, fitting_version from tracking.device_state
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
		var id, version, fittingVersion int64
		var newest *time.Time
		var zones []int64
		var vehicle *int64
		if err := rows.Scan(&id, &version, &newest, &zones, &vehicle, &fittingVersion); err != nil {
			return err
		}
		for next[0].id != id {
			next = next[1:]
		}
		d := &next[0]
		d.known, d.version, d.fittingVersion = true, version, fittingVersion
		d.state = tracking.State{Newest: orZero(newest), Zones: zones}
		if vehicle != nil {
			d.state.Vehicle = *vehicle
		}
	}
	return rows.Err()
}

// stateUpdate fails, by dividing by zero, unless it changed as many rows as were
// meant and zones are still those that were used: an update that found nothing
// would not stop the commit behind it.
const stateUpdate = `
with changed as (
    update tracking.device_state s set
        version = s.version + 1, newest_time = u.fix_time, zones = coalesce(u.zones::bigint[], s.zones),
        fix_time = u.fix_time, received_time = u.received_time, geom = u.geom::geometry,
        altitude = u.altitude, speed = u.speed, course = u.course, accuracy = u.accuracy,
        satellites = u.satellites, source = u.source, attributes = u.attributes::jsonb, vehicle_id = nullif(u.vehicle_id, 0)
    from unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::bytea[],
        $7::real[], $8::real[], $9::real[], $10::real[], $11::smallint[], $12::text[], $13::text[], $15::bigint[])
        as u (device_id, version, fix_time, received_time, zones, geom,
            altitude, speed, course, accuracy, satellites, source, attributes, vehicle_id)
    where s.device_id = u.device_id and s.version = u.version
    returning 1
)
select 1 / (count(*) = cardinality($1) and (select version from tracking.zone_version) = $14)::int from changed`

// stateColumns are the arrays that stateUpdate takes. A FlatArray is encoded
// without reflection.
type stateColumns struct {
	devices, versions                 []int64
	fixTimes, receivedTimes           []time.Time
	zones                             pgtype.FlatArray[pgtype.Text] // null where they stay
	points                            [][]byte
	altitude, speed, course, accuracy pgtype.FlatArray[pgtype.Float4]
	satellites                        pgtype.FlatArray[pgtype.Int2]
	sources                           []string
	attributes                        pgtype.FlatArray[pgtype.Text]
	vehicles                          []int64 // 0 for none
}

// queueStates queues the update of the states that have a newer fix.
func queueStates(queries *pgx.Batch, b *batch, zoneVersion int64) {
	var c stateColumns
	for i := range b.devices {
		if b.devices[i].newest >= 0 {
			c.add(b, &b.devices[i])
		}
	}
	if len(c.devices) == 0 {
		return
	}
	queries.Queue(stateUpdate, c.devices, c.versions, c.fixTimes, c.receivedTimes, c.zones, c.points,
		c.altitude, c.speed, c.course, c.accuracy, c.satellites, c.sources, c.attributes, zoneVersion, c.vehicles)
}

func (c *stateColumns) add(b *batch, d *deviceBatch) {
	r := &b.records[d.newest]
	c.devices = append(c.devices, d.id)
	c.versions = append(c.versions, d.version)
	c.fixTimes = append(c.fixTimes, r.Fix.Time)
	c.receivedTimes = append(c.receivedTimes, r.Received)
	c.zones = append(c.zones, changedZones(d.state.Zones, d.derived.State.Zones))
	c.points = append(c.points, appendPoint(make([]byte, 0, pointSize), r.Fix.Position))
	c.altitude = append(c.altitude, floatOrNull(r.Fix.Altitude))
	c.speed = append(c.speed, floatOrNull(r.Fix.Speed))
	c.course = append(c.course, floatOrNull(r.Fix.Course))
	c.accuracy = append(c.accuracy, floatOrNull(r.Fix.Accuracy))
	c.satellites = append(c.satellites, countOrNull(r.Fix.Satellites))
	c.sources = append(c.sources, r.Source)
	c.attributes = append(c.attributes, textOrNull(r.Attributes))
	c.vehicles = append(c.vehicles, d.derived.State.Vehicle)
}

func floatOrNull(v float64) pgtype.Float4 {
	return pgtype.Float4{Float32: float32(v), Valid: !math.IsNaN(v)}
}

func countOrNull(n int) pgtype.Int2 {
	return pgtype.Int2{Int16: int16(n), Valid: n >= 0} //nolint:gosec // validated
}

func textOrNull(text []byte) pgtype.Text {
	return pgtype.Text{String: string(text), Valid: text != nil}
}
