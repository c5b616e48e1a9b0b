package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb"

	"waybill/tracking"
	"waybill/tracking/derive"
)

const (
	// keptBefore finds the newest kept state of each device from before its first late
	// fix.
	keptBefore = `
select u.device_id, k.fix_time, k.derived
from unnest($1::bigint[], $2::timestamptz[]) as u (device_id, before) cross join lateral (
    select fix_time, derived from tracking.kept_state k
    where k.device_id = u.device_id and k.fix_time < u.before order by k.fix_time desc limit 1
) k order by u.device_id`

	// stretch are the stored fixes of a device after a time, up to another.
	stretch = `
select fix_time, received_time, ST_X(geom), ST_Y(geom), speed, accuracy, attributes from tracking.position
where device_id = $1 and fix_time > $2 and fix_time <= $3 order by fix_time limit $4`

	// statedEdges are the transitions that hold of a stretch.
	statedEdges = `
select u.ordinal::integer - 1, t.time, t.zone_id, t.kind
from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[]) with ordinality as u (device_id, after, until, ordinal)
join tracking.transition t on t.device_id = u.device_id and t.time > u.after and t.time <= u.until`

	// forgetKept drops the kept states of a stretch.
	forgetKept = `
delete from tracking.kept_state k
using unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[]) as u (device_id, since, until)
where k.device_id = u.device_id and k.fix_time between u.since and u.until`
)

const (
	firstStretch   = 512
	longestStretch = 16_384
)

// reach is how far beyond the last late fix the stored ones are asked for, round by
// round, before all are. A query that may look at every day is planned for every day and
// locks each: with thousands of days that takes far longer than what is looked for.
func reach(round int) time.Duration {
	switch round {
	case 0:
		return day
	case 1:
		return 30 * day
	default:
		const year = 366 * day
		return time.Duration(round*round) * year
	}
}

// revising is the revision of one device.
type revising struct {
	device   *deviceBatch
	revision *derive.Revision
	late     map[int64]struct{} // by microseconds
	// after is exclusive and last inclusive: between them are the late fixes.
	after, first, last time.Time
	// until is the last fix that was added.
	until time.Time
	done  bool
}

// revise finds what late fixes change.
func (t *transaction) revise(ctx context.Context) error {
	rules := t.rules()
	var revisions []*revising
	for i := range t.batch.devices {
		if r := t.batch.lateOf(&t.batch.devices[i]); r != nil {
			revisions = append(revisions, r)
		}
	}
	if len(revisions) == 0 {
		return nil
	}
	if err := t.goBack(ctx, revisions, &rules); err != nil {
		return fmt.Errorf("go back: %w", err)
	}
	limit := firstStretch
	for round := 0; ; round++ {
		open := unfinished(revisions)
		if len(open) == 0 {
			break
		}
		if err := t.addStretches(ctx, open, reach(round), limit); err != nil {
			return fmt.Errorf("read on: %w", err)
		}
		limit = min(2*limit, longestStretch)
	}
	return t.conclude(ctx, revisions)
}

// lateOf gathers the late fixes of a device, nil when it has none.
func (b *batch) lateOf(d *deviceBatch) *revising {
	var r *revising
	for _, row := range d.rows {
		at := b.records[row].Fix.Time
		if b.fates[row] != isLate || at.After(d.state.Newest) {
			continue
		}
		if r == nil {
			// Where no state is kept from before, no fix is from before either.
			r = &revising{device: d, late: make(map[int64]struct{}), first: at, after: at.Add(-tracking.Resolution)}
		}
		r.late[microseconds(at)] = struct{}{}
		r.last = at
	}
	return r
}

// goBack begins each revision at the state that was kept last before it.
func (t *transaction) goBack(ctx context.Context, revisions []*revising, rules *derive.Rules) error {
	devices, firsts := make([]int64, len(revisions)), make([]time.Time, len(revisions))
	for i, r := range revisions {
		devices[i], firsts[i] = r.device.id, r.first
	}
	rows, err := t.conn.Query(ctx, keptBefore, devices, firsts)
	if err != nil {
		return err
	}
	from := make(map[int64]derive.State, len(revisions))
	after := make(map[int64]time.Time, len(revisions))
	var device int64
	var at time.Time
	var kept []byte
	_, err = pgx.ForEachRow(rows, []any{&device, &at, &kept}, func() error {
		var state derive.State
		if err := state.UnmarshalBinary(kept); err != nil {
			return err
		}
		from[device], after[device] = state, at.UTC()
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range revisions {
		if at, ok := after[r.device.id]; ok {
			r.after = at
		}
		r.until = r.after
		r.revision = derive.NewRevision(from[r.device.id], rules, &r.device.fittings.limits)
	}
	return nil
}

func unfinished(revisions []*revising) []*revising {
	var open []*revising
	for _, r := range revisions {
		if !r.done {
			open = append(open, r)
		}
	}
	return open
}

// addStretches reads on in all revisions, in one round trip.
func (t *transaction) addStretches(ctx context.Context, revisions []*revising, reach time.Duration, limit int) error {
	var queries pgx.Batch
	for _, r := range revisions {
		newest := r.device.state.Newest
		to := r.last
		if r.until.After(to) {
			to = r.until
		}
		if to = to.Add(reach); to.After(newest) {
			to = newest
		}
		queries.Queue(stretch, r.device.id, r.until, to, limit).Query(func(rows pgx.Rows) error {
			n, err := r.add(rows)
			r.done = r.done || n < limit && to.Equal(newest)
			return err
		})
	}
	return t.conn.SendBatch(ctx, &queries).Close()
}

// add folds stored fixes until late ones change nothing more, and says how many there
// were.
func (r *revising) add(rows pgx.Rows) (n int, err error) {
	var row seenRow
	for rows.Next() {
		n++
		if r.done {
			continue // the rest of the round
		}
		if err := rows.Scan(row.targets()...); err != nil {
			return n, err
		}
		fix := row.seen(r.device.fittings)
		_, late := r.late[microseconds(fix.Time)]
		r.revision.Add(&fix, late)
		r.until = fix.Time
		r.done = fix.Time.After(r.last) && r.revision.Settled()
	}
	return n, rows.Err()
}

// conclude compares with what is stated of the stretches.
func (t *transaction) conclude(ctx context.Context, revisions []*revising) error {
	devices := make([]int64, len(revisions))
	after, until := make([]time.Time, len(revisions)), make([]time.Time, len(revisions))
	for i, r := range revisions {
		devices[i], after[i], until[i] = r.device.id, r.after, r.until
	}
	rows, err := t.conn.Query(ctx, statedEdges, devices, after, until)
	if err != nil {
		return err
	}
	stated := make([][]derive.Edge, len(revisions))
	var i int
	var edge derive.Edge
	var kind tracking.TransitionKind
	_, err = pgx.ForEachRow(rows, []any{&i, &edge.Time, &edge.Zone, &kind}, func() error {
		edge.Kind = derive.Arrived
		if kind == tracking.Departed {
			edge.Kind = derive.Departed
		}
		stated[i] = append(stated[i], edge)
		return nil
	})
	if err != nil {
		return err
	}
	for i, r := range revisions {
		r.device.revised(r, r.revision.Finish(r.device.state, stated[i]))
	}
	return nil
}

// seenRow is a row of a stretch.
type seenRow struct {
	time, received  time.Time
	lon, lat        float64
	speed, accuracy *float32
	attributes      map[string]any
}

func (r *seenRow) targets() []any {
	r.attributes = nil // or what is scanned is added to it
	return []any{&r.time, &r.received, &r.lon, &r.lat, &r.speed, &r.accuracy, &r.attributes}
}

func (r *seenRow) seen(on fittings) derive.Seen {
	at := r.time.UTC()
	return derive.Seen{
		Time: at, Received: r.received.UTC(), Position: orb.Point{r.lon, r.lat},
		Speed: known(r.speed), Accuracy: known(r.accuracy), Signals: derive.SignalsOf(r.attributes),
		Vehicle: on.at(at).vehicleID,
	}
}

// queueKept queues what is kept to begin revisions from.
func queueKept(queries *pgx.Batch, b *batch) error {
	var gone, kept []int64
	var since, until, times []time.Time
	var states [][]byte
	for i := range b.devices {
		d := &b.devices[i]
		if r := d.revision; r != nil {
			gone, since, until = append(gone, d.id), append(since, r.first), append(until, r.until)
		}
		for j := range d.kept {
			state, err := d.kept[j].AppendBinary(nil)
			if err != nil {
				return err
			}
			kept, times, states = append(kept, d.id), append(times, d.kept[j].Newest), append(states, state)
		}
	}
	if len(gone) > 0 {
		queries.Queue(forgetKept, gone, since, until)
	}
	if len(kept) > 0 {
		queries.Queue(`
insert into tracking.kept_state (device_id, fix_time, derived)
select * from unnest($1::bigint[], $2::timestamptz[], $3::bytea[])
on conflict (device_id, fix_time) do update set derived = excluded.derived`, kept, times, states)
	}
	return nil
}

// queueMovedLive queues the live fixes of devices that late ones moved: to where the
// device is now believed to be.
func queueMovedLive(queries *pgx.Batch, b *batch) {
	for i := range b.devices {
		d := &b.devices[i]
		if d.live >= 0 || !d.changed || d.after.Last.Time.Equal(d.state.Last.Time) {
			continue
		}
		queries.Queue(`
update tracking.device_state s set fix_time = p.fix_time, lon = ST_X(p.geom), lat = ST_Y(p.geom), live = `+liveOfPosition+`
from tracking.position p
where s.device_id = $1 and p.device_id = $1 and p.fix_time = $2`, d.id, pgtype.Timestamptz{Time: d.after.Last.Time, Valid: true})
	}
}
