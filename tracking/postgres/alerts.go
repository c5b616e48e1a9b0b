package postgres

import (
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"waybill/tracking/derive"
)

const (
	closeAlerts = `
update tracking.alert a set close_time = greatest(u.time, a.open_time)
from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::bigint[], $5::bigint[], $6::float8[])
    as u (device_id, time, condition, zone_id)
where a.device_id = u.device_id and a.condition = u.condition and a.zone_id = u.zone_id and a.close_time is null`

	// What an event opened follows from fixes from now on, and ends with them.
	openAlerts = `
insert into tracking.alert as a (device_id, open_time, condition, zone_id, vehicle_id, value, close_time)
select device_id, time, condition, zone_id, nullif(vehicle_id, 0), value, nullif(close_time, '-infinity')
from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::bigint[], $5::bigint[], $6::float8[], $7::timestamptz[])
    as u (device_id, time, condition, zone_id, vehicle_id, value, close_time)
where not ` + justSeenTo + `
on conflict (device_id, condition, zone_id) where close_time is null do update set device_event_id = null
where a.device_event_id is not null`
)

// Conditions of alerts that follow from no fix.
const (
	// conditionSilent is a device that has said nothing for too long.
	conditionSilent = "silent"
	// conditionDwelling is a vehicle that is in a zone for too long.
	conditionDwelling = "dwelling"
)

// alertChanges are the alerts that a batch opens and closes.
type alertChanges struct {
	closed, opened alertColumns
	// over are the times when those that were opened were over, in the same batch; minus
	// infinity where they hold.
	over pgtype.FlatArray[pgtype.Timestamptz]
}

// alertColumns are the arrays that both statements take.
type alertColumns struct {
	devices    []int64
	times      []time.Time
	conditions []string
	zones      []int64
	vehicles   []int64 // 0 for none
	values     []float64
}

func (c *alertColumns) add(device int64, at time.Time, condition string, zone int64) {
	c.devices = append(c.devices, device)
	c.times = append(c.times, at)
	c.conditions = append(c.conditions, condition)
	c.zones = append(c.zones, zone)
	c.vehicles = append(c.vehicles, 0)
	c.values = append(c.values, 0)
}

// of compares what held before with what holds now: what is over closes its alert,
// however it was found to be over.
func (a *alertChanges) of(d *deviceBatch) {
	if !d.changed {
		return
	}
	for c := derive.LowBattery; c <= derive.Tilt; c++ {
		if d.state.Holds.Has(c) && !d.after.Holds.Has(c) {
			a.closed.add(d.id, d.after.Newest, c.String(), 0)
		}
	}
	for _, zone := range d.state.Speeding {
		if !slices.Contains(d.after.Speeding, zone) {
			a.closed.add(d.id, d.after.Newest, derive.Speeding.String(), zone)
		}
	}
	if d.silent && d.live >= 0 {
		a.closed.add(d.id, d.after.Newest, conditionSilent, 0)
	}
	a.leave(d)
	a.open(d)
}

// leave closes the alerts of stays that are over, or were interrupted, as a late fix may
// show: when the time since then is too long as well, the sweep opens another.
func (a *alertChanges) leave(d *deviceBatch) {
	for _, zone := range d.state.Zones {
		if !slices.Contains(d.after.Zones, zone) {
			a.closed.add(d.id, d.after.Newest, conditionDwelling, zone)
		}
	}
	for i := range d.changes {
		change := &d.changes[i]
		if change.Kind == derive.Departed && !change.Retracted && slices.Contains(d.state.Zones, change.Zone) && slices.Contains(d.after.Zones, change.Zone) {
			a.closed.add(d.id, change.Stated, conditionDwelling, change.Zone)
		}
	}
}

// open opens an alert for what began with a fix that was in order and fresh. What was
// over within the batch, as a shock is, is told all the same. A call for help doesn't have
// to be in order: that the unit was seen elsewhere since doesn't undo it.
func (a *alertChanges) open(d *deviceBatch) {
	called := false
	for i := range d.changes {
		change := &d.changes[i]
		calls := change.Condition == derive.SOS
		if change.Kind != derive.Began || change.Retracted || !change.Fresh || !change.InOrder && !calls || calls && called {
			continue
		}
		called = called || calls
		a.opened.add(d.id, change.Stated, change.Condition.String(), change.Zone)
		a.opened.vehicles[len(a.opened.vehicles)-1] = change.Vehicle
		a.opened.values[len(a.opened.values)-1] = change.Value
		a.over = append(a.over, endOf(change, d.changes[i+1:]))
	}
}

// endOf is when what began was over, by the changes that follow. A call for help is over
// when somebody has acknowledged it.
func endOf(began *derive.Change, next []derive.Change) pgtype.Timestamptz {
	for i := range next {
		if began.Condition == derive.SOS {
			break
		}
		if next[i].Kind == derive.Ended && next[i].Condition == began.Condition && next[i].Zone == began.Zone {
			return moment(next[i].Stated)
		}
	}
	return pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
}

func (c *alertColumns) queue(queries *pgx.Batch, statement string, more ...any) {
	if len(c.devices) > 0 {
		queries.Queue(statement, append([]any{c.devices, c.times, c.conditions, c.zones, c.vehicles, c.values}, more...)...)
	}
}

func (a *alertChanges) queue(queries *pgx.Batch) {
	a.closed.queue(queries, closeAlerts)
	a.opened.queue(queries, openAlerts, a.over)
}
