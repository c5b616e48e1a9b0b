package postgres

import (
	"context"
)

// divide parts a batch: what needs no look at the database, because memory knows the
// states of its devices and all of its fixes are newer, and the rest.
func (s *FixStore) divide(b *batch) (easy, rest *batch) {
	for i := range b.devices {
		b.devices[i] = deviceBatch{id: b.devices[i].id, rows: b.devices[i].rows, live: -1}
	}
	_, zones := s.zones.current()
	if b.staged || zones == nil {
		return b.part(nil), b.part(b.devices)
	}
	s.states.recall(b.devices)
	unfitted := s.fittings.recall(b.devices) // ascending, of those that are known
	var hard int
	isHard := make([]bool, len(b.devices))
	for i := range b.devices {
		d := &b.devices[i]
		isUnfitted := len(unfitted) > 0 && unfitted[0] == d.id
		if isUnfitted {
			unfitted = unfitted[1:]
		}
		if !d.known || isUnfitted || !b.sortOut(d) {
			isHard[i] = true
			hard++
		}
	}
	switch hard {
	case 0:
		easy, rest = b.part(b.devices), b.part(nil)
	case len(b.devices):
		easy, rest = b.part(nil), b.part(b.devices)
	default:
		easy, rest = b.part(make([]deviceBatch, 0, len(b.devices)-hard)), b.part(make([]deviceBatch, 0, hard))
		for i, d := range b.devices {
			part := pick(isHard[i], rest, easy)
			part.devices = append(part.devices, d)
		}
	}
	easy.remembered = true
	for i := range rest.devices {
		rest.devices[i].known = false // until its row is locked
	}
	return easy, rest
}

// part is the batch with some of its devices.
func (b *batch) part(devices []deviceBatch) *batch {
	return &batch{records: b.records, fates: b.fates, devices: devices, staged: b.staged}
}

// findOutrun forgets the states that somebody else has moved, so that only these have to
// be locked when the batch is done again. It fails in any case: with zonesMovedError when
// it was the zones that have changed.
func (t *transaction) findOutrun(ctx context.Context) error {
	devices := t.batch.devices
	ids, versions := make([]int64, len(devices)), make([]int64, len(devices))
	for i := range devices {
		ids[i], versions[i] = devices[i].id, devices[i].version
	}
	rows, err := t.conn.Query(ctx, `
select u.device_id from unnest($1::bigint[], $2::bigint[]) as u (device_id, version)
left join tracking.device_state s on s.device_id = u.device_id
where s.version is distinct from u.version`, ids, versions)
	if err != nil {
		return err
	}
	defer rows.Close()
	var moved []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		moved = append(moved, id)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	t.store.states.forgetIDs(moved)
	if len(moved) > 0 {
		return errOutrun
	}
	var version int64
	if err := t.conn.QueryRow(ctx, "select version from tracking.zone_version").Scan(&version); err != nil {
		return err
	}
	return zonesMovedError{version}
}
