package derive

import (
	"bytes"
	"cmp"
	"slices"
	"time"
)

// Revision finds what late fixes change. It folds a stretch of stored fixes twice, from
// a state of before the first late one: as it was told, without them, and as it is now,
// with them. Where both come to the same state, all that follows stays as it is.
//
// Zones may have been drawn, moved or removed, and devices fitted, since the stretch was
// told. Then what was stated differs from what is found as told, and those zones are
// left as they were, or a late fix would state half of a visit.
type Revision struct {
	told, now *fold
	rules     *Rules

	changes []revisedChange
	edges   []Edge // edges as found without the late fixes, ascending by time
	spans   []span
	kept    []State
	fresh   bool // of the last late fix
}

// span is from a late fix to where both folds see the vehicle at the same place again.
type span struct {
	from, to time.Time
	open     bool
}

type revisedChange struct {
	Change
	span int
}

// Edge is a zone's border as it was stated.
type Edge struct {
	Time time.Time
	Zone int64
	Kind Kind // Arrived or Departed
}

func (e Edge) compare(other Edge) int {
	return cmp.Or(e.Time.Compare(other.Time), cmp.Compare(e.Zone, other.Zone), cmp.Compare(e.Kind, other.Kind))
}

// NewRevision begins at a state that was kept from before the first late fix: the zero
// state when there is none, which is when no fix is from before it.
func NewRevision(from State, rules *Rules, limits *Limits) *Revision {
	return &Revision{told: newFold(from, rules, limits), now: newFold(from, rules, limits), rules: rules}
}

// Add folds the next stored fix. They come ascending, from after the state that the
// revision begins at.
func (r *Revision) Add(fix *Seen, late bool) {
	r.now.next(fix)
	if late {
		r.fresh = fix.isFresh(r.rules.FreshFor)
		r.told.facts = r.told.facts[:0]
	} else {
		r.told.next(fix)
	}
	r.widen(fix.Time, late)
	for _, fact := range r.told.facts {
		if fact.isEdge() {
			r.edges = append(r.edges, edgeOf(fact))
		}
		if !slices.Contains(r.now.facts, fact) {
			r.changes = append(r.changes, revisedChange{Change{Fact: fact, Retracted: true}, len(r.spans) - 1})
		}
	}
	for _, fact := range r.now.facts {
		if !slices.Contains(r.told.facts, fact) {
			r.changes = append(r.changes, revisedChange{Change{Fact: fact, Fresh: late && fix.isFresh(r.rules.FreshFor)}, len(r.spans) - 1})
		}
	}
	r.kept = r.now.keep(r.kept)
}

// widen brings the span under way up to the fix, and ends it where both folds agree on
// the place.
func (r *Revision) widen(at time.Time, late bool) {
	n := len(r.spans)
	if n == 0 || !r.spans[n-1].open {
		if !late {
			return
		}
		r.spans = append(r.spans, span{from: at})
		n++
	}
	told, now := &r.told.state, &r.now.state
	r.spans[n-1].to = at
	r.spans[n-1].open = late || told.Last != now.Last || told.Vehicle != now.Vehicle || !slices.Equal(told.Zones, now.Zones)
}

// Settled says that late fixes that were added change nothing from here on. Ask after
// the last of them.
func (r *Revision) Settled() bool {
	told, now := r.told.state, r.now.state
	return told.Newest.Equal(now.Newest) && bytes.Equal(told.core(), now.core())
}

// Revised is what late fixes change.
type Revised struct {
	State   State
	Changes []Change
	// Kept are states to keep in the place of those that were kept from the first late
	// fix up to the last fix that was added.
	Kept []State
}

// Finish gives what changes. It is given the device's state, and the edges that are
// stated of the stretch that was added. When the stretch goes up to the
// newest fix, and is not settled, the state is another now.
func (r *Revision) Finish(current State, stated []Edge) Revised {
	state := current
	var moved []int64
	if !r.Settled() {
		moved = difference(r.told.state.Zones, current.Zones)
		state = r.now.state
		state.Zones = mend(state.Zones, current.Zones, moved)
		if r.told.state.Vehicle != current.Vehicle {
			state.Vehicle = current.Vehicle
		}
		state.Folded = current.Folded
	}
	state.Odometer = current.Odometer + r.now.state.Odometer - r.told.state.Odometer
	revised := Revised{State: state, Kept: r.kept}
	stated = slices.Clone(stated)
	slices.SortFunc(stated, Edge.compare)
	left := leftAlone(r.spans, r.edges, stated, moved)
	for _, change := range r.changes {
		if change.isEdge() && left[change.span][change.Zone] {
			continue
		}
		if change.Condition != SOS { // which alerts when it comes late, and so has to be fresh itself
			change.Fresh = r.fresh
		}
		revised.Changes = append(revised.Changes, change.Change)
	}
	slices.SortStableFunc(revised.Changes, compareChanges)
	return revised
}

func (f *Fact) isEdge() bool { return f.Kind == Arrived || f.Kind == Departed }

func edgeOf(fact Fact) Edge { return Edge{fact.Stated, fact.Zone, fact.Kind} }

// difference are the zones that only one of them has.
func difference(a, b []int64) []int64 {
	var only []int64
	for _, zone := range a {
		if !slices.Contains(b, zone) {
			only = append(only, zone)
		}
	}
	for _, zone := range b {
		if !slices.Contains(a, zone) {
			only = append(only, zone)
		}
	}
	return only
}

// mend takes the zones of now, but of the changed ones those that were told.
func mend(now, told, changed []int64) []int64 {
	if len(changed) == 0 {
		return now
	}
	var zones []int64
	for _, zone := range now {
		if !slices.Contains(changed, zone) {
			zones = append(zones, zone)
		}
	}
	for _, zone := range told {
		if slices.Contains(changed, zone) {
			zones = append(zones, zone)
		}
	}
	slices.Sort(zones)
	return zones
}
