package tracking

// maxOnBoard bounds how many positions a hub holds. Beyond it those that were heard
// longest ago go.
const maxOnBoard = 500_000

// board is the newest position of each device, in the order in which they were
// heard. Its owner guards it.
type board struct {
	// sequence is that of the last position that was put on, forgotten that of the
	// last that had to go.
	sequence, forgotten uint64
	oldest, newest      *entry
	size, most          int
	devices             map[string]*entry // by uid
	vehicles            map[string]*entry // by uid; the newest of the devices on it
}

// entry is a position on the board.
type entry struct {
	position Position
	sequence uint64
	// repeated says that another process told it.
	repeated      bool
	before, after *entry // by sequence
}

func newBoard(most int) *board {
	return &board{most: most, devices: make(map[string]*entry), vehicles: make(map[string]*entry)}
}

// put notes a position, unless the board has it already, or a newer one. It returns
// nil then.
func (b *board) put(p *Position, repeated bool) *entry {
	e := b.devices[p.Device]
	switch {
	case e == nil:
		e = &entry{}
	case p.Fix.Time.Before(e.position.Fix.Time), p.Fix.Time.Equal(e.position.Fix.Time) && p.Vehicle == e.position.Vehicle:
		return nil
	case p.Vehicle != e.position.Vehicle && b.vehicles[e.position.Vehicle] == e:
		// What it said of the vehicle that it was on is still the newest of that one.
		e = &entry{}
	default:
		b.remove(e)
	}
	b.sequence++
	e.position, e.sequence, e.repeated = *p, b.sequence, repeated
	b.append(e)
	b.devices[p.Device] = e
	if p.Vehicle != "" {
		b.drives(e)
	}
	for b.size > b.most {
		b.drop(b.oldest)
	}
	return e
}

// drives makes the entry that of its vehicle, unless another device was seen on it
// later.
func (b *board) drives(e *entry) {
	last := b.vehicles[e.position.Vehicle]
	if last != nil && e.position.Fix.Time.Before(last.position.Fix.Time) {
		return
	}
	b.vehicles[e.position.Vehicle] = e
	if last != nil && b.devices[last.position.Device] != last {
		b.remove(last) // its device is on another vehicle: it says nothing any more
	}
}

// shows says whether the entry is what is known of its subject: of a vehicle's
// devices only the one that was seen last.
func (b *board) shows(e *entry) bool {
	return e.position.Vehicle == "" || b.vehicles[e.position.Vehicle] == e
}

func (b *board) append(e *entry) {
	e.before, e.after = b.newest, nil
	if b.newest != nil {
		b.newest.after = e
	} else {
		b.oldest = e
	}
	b.newest = e
	b.size++
}

func (b *board) remove(e *entry) {
	if e.before != nil {
		e.before.after = e.after
	} else {
		b.oldest = e.after
	}
	if e.after != nil {
		e.after.before = e.before
	} else {
		b.newest = e.before
	}
	e.before, e.after = nil, nil
	b.size--
}

// drop forgets an entry for good.
func (b *board) drop(e *entry) {
	b.remove(e)
	b.forgotten = max(b.forgotten, e.sequence)
	if b.devices[e.position.Device] == e {
		delete(b.devices, e.position.Device)
	}
	if b.vehicles[e.position.Vehicle] == e {
		delete(b.vehicles, e.position.Vehicle)
	}
}
