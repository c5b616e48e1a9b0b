package postgres

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"waybill/tracking"
	"waybill/tracking/derive"
)

// fate is what the transaction has found out about a record.
type fate uint8

const (
	isUndecided  fate = iota
	isNew             // newer than all stored: it is copied
	isRest            // it goes through staging
	isLate            // it went through staging and was stored; mostly older than the newest
	isDuplicate       // the same is stored
	isConflict        // another is stored
	isOfNoDevice      // its device is gone
)

func (f fate) stored() bool { return f == isNew || f == isLate }

// batch is what one transaction works on. Parts of a batch share its records and fates.
type batch struct {
	records []tracking.Record
	fates   []fate        // of the records
	devices []deviceBatch // ascending by id

	// remembered says that the states are from memory and not locked: all fixes are newer
	// than those that are stored, and the fence in the update of the states tells whether
	// that was right.
	remembered bool
	// staged says that nothing is copied straight into the table.
	staged bool
}

// deviceBatch is one device's part of a batch.
type deviceBatch struct {
	id   int64
	rows []int // indices of records, ascending by fix time, then in order of arrival

	// From the locked state row.
	known          bool
	version        int64
	state          derive.State
	silent         bool // an alert says so
	fittingVersion int64
	fittings       fittings

	// What follows.
	revision *revising // nil when no fix was late
	after    derive.State
	changed  bool // after is to be written
	changes  []derive.Change
	kept     []derive.State
	live     int // index of the record that says where the device is now; -1 when it stays
}

// place is where a record belongs in a batch.
type place struct {
	device, microseconds int64
	row                  int
}

func newBatch(records []tracking.Record) *batch {
	b := &batch{records: records, fates: make([]fate, len(records))}
	places := make([]place, len(records))
	for i := range records {
		places[i] = place{records[i].DeviceID, records[i].Fix.Time.UnixMicro(), i}
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.device, b.device), cmp.Compare(a.microseconds, b.microseconds), cmp.Compare(a.row, b.row))
	})
	rows, devices := make([]int, len(places)), 0
	for i, p := range places {
		rows[i] = p.row
		if i == 0 || p.device != places[i-1].device {
			devices++
		}
	}
	b.devices = make([]deviceBatch, 0, devices)
	for start := 0; start < len(places); {
		id, end := places[start].device, start+1
		for end < len(places) && places[end].device == id {
			end++
		}
		b.devices = append(b.devices, deviceBatch{id: id, rows: rows[start:end], live: -1})
		start = end
	}
	return b
}

// rows are the indices of the records of the fate, by device and time.
func (b *batch) rows(of fate) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range b.devices {
			for _, row := range b.devices[i].rows {
				if b.fates[row] == of && !yield(row) {
					return
				}
			}
		}
	}
}

// sortOut decides which way each record of a device goes, when its state is known: with
// staged, all through staging. It says whether all of them are new.
func (b *batch) sortOut(d *deviceBatch) (allNew bool) {
	newest := d.state.Newest
	allNew = true
	for _, row := range d.rows {
		switch fixTime := b.records[row].Fix.Time; {
		case !d.known:
			b.fates[row] = isOfNoDevice
		case !b.staged && fixTime.After(newest): // and so, the first of its time in the batch
			b.fates[row] = isNew
			newest = fixTime
		default:
			b.fates[row] = isRest
			allNew = false
		}
	}
	return allNew
}

// undecide takes back what was thought of records that were not committed.
func (b *batch) undecide() {
	for i := range b.devices {
		for _, row := range b.devices[i].rows {
			b.fates[row] = isUndecided
		}
	}
}

// span gives the first and the last fix time of the records of the fate.
func (b *batch) span(of fate) (first, last time.Time) {
	for row := range b.rows(of) {
		t := b.records[row].Fix.Time
		if first.IsZero() || t.Before(first) {
			first = t
		}
		if last.IsZero() || t.After(last) {
			last = t
		}
	}
	return first, last
}

// follow works out what follows from fixes that are newer than all of their device.
func (b *batch) follow(rules *derive.Rules) {
	follower := derive.NewFollower(rules)
	seen, rows := make([]derive.Seen, 0, len(b.records)), make([]int, 0, len(b.records))
	for i := range b.devices {
		d := &b.devices[i]
		first := len(seen)
		for _, row := range d.rows {
			if r := &b.records[row]; b.fates[row].stored() && r.Fix.Time.After(d.state.Newest) {
				seen, rows = append(seen, seenOf(r, d.fittings)), append(rows, row)
			}
		}
		if len(seen) > first {
			d.follow(follower, seen[first:], rows[first:])
		}
	}
}

func seenOf(r *tracking.Record, on fittings) derive.Seen {
	return derive.Seen{
		Time: r.Fix.Time, Received: r.Received, Position: r.Fix.Position,
		Speed: r.Fix.Speed, Accuracy: r.Fix.Accuracy, Signals: derive.SignalsOf(r.Fix.Attributes),
		Vehicle: on.at(r.Fix.Time).vehicleID,
	}
}

func (d *deviceBatch) follow(follower *derive.Follower, seen []derive.Seen, rows []int) {
	from := d.state
	if d.revision != nil {
		from = d.after
	}
	followed := follower.Follow(from, seen, &d.fittings.limits)
	d.after, d.changed = followed.State, true
	d.changes = append(d.changes, followed.Changes...)
	d.kept = append(d.kept, followed.Kept...)
	if followed.Live >= 0 {
		d.live = rows[followed.Live]
	}
}

// revised takes what late fixes change.
func (d *deviceBatch) revised(r *revising, revised derive.Revised) {
	d.revision = r
	d.after, d.changed = revised.State, true
	d.changes, d.kept = revised.Changes, revised.Kept
}

// outcomes say what became of the records.
func (b *batch) outcomes() []tracking.Outcome {
	outcomes := make([]tracking.Outcome, len(b.records))
	for i, fate := range b.fates {
		outcomes[i] = fate.outcome(&b.records[i])
	}
	return outcomes
}

// positions say where devices are now.
func (b *batch) positions() (positions []tracking.Position) {
	for i := range b.devices {
		d := &b.devices[i]
		row := b.shown(d)
		if row < 0 {
			continue
		}
		r := &b.records[row]
		state := &d.state
		if d.changed {
			state = &d.after
		}
		positions = append(positions, tracking.Position{
			Device: r.DeviceUID, Vehicle: d.fittings.at(r.Fix.Time).vehicle, Received: r.Received, Fix: r.Fix, Motion: motionOf(state),
		})
	}
	return positions
}

// shown is the record that says where the device is now, -1 for none. The live fix says
// so again when it comes again: who committed it may have died, or not have known that
// it did, before anybody was shown.
func (b *batch) shown(d *deviceBatch) int {
	if d.live >= 0 {
		return d.live
	}
	for _, row := range d.rows {
		if b.fates[row] == isDuplicate && b.records[row].Fix.Time.Equal(d.state.Last.Time) {
			return row
		}
	}
	return -1
}

func (f fate) outcome(r *tracking.Record) tracking.Outcome {
	switch f {
	case isNew, isLate:
		return tracking.Outcome{Kind: tracking.Stored}
	case isDuplicate:
		return tracking.Outcome{Kind: tracking.Duplicate}
	case isConflict:
		return tracking.Outcome{
			Kind: tracking.Conflict, Reason: tracking.ReasonConflict,
			Detail: "a different fix of " + r.DeviceUID + " at " + r.Fix.Time.Format("2006-01-02T15:04:05.999999Z07:00") + " is stored",
		}
	case isOfNoDevice:
		return tracking.Outcome{
			Kind: tracking.Rejected, Reason: tracking.ReasonUnknownDevice,
			Detail: "there is no device " + r.DeviceUID + " any more; create it, then replay",
		}
	case isUndecided, isRest:
	}
	return tracking.Outcome{}
}
