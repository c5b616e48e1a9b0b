package tracking

import (
	"cmp"
	"slices"
	"time"
)

// DefaultFreshFor is how long after its time a fix may be received and still
// alert, unless a setting says otherwise.
const DefaultFreshFor = 10 * time.Minute

// Rules are the settings of [Derive].
type Rules struct {
	Zones Zones
	// FreshFor is how long after its time a fix may be received and still alert.
	FreshFor time.Duration
}

// steps are what Derive does, in this order.
func steps() [4]func(*derivation) {
	return [...]func(*derivation){
		order,         // which fixes are newer than all before, and which are late
		freshness,     // which were received soon enough to alert
		zonesOfLate,   // how late ones correct the arrivals and departures around them
		zonesOfNewest, // where the ones in order arrived, and what they left
	}
}

// Derive works out what follows from a device's new fixes. It is pure, and what it
// gives over all batches is a function of the set of fixes, whatever order they
// came in.
func Derive(news News, rules Rules) Derived {
	d := derivation{rules: rules, state: news.State, gaps: news.Gaps, fixes: make([]derivedFix, len(news.Fixes))}
	for i, seen := range news.Fixes {
		d.fixes[i].Seen = seen
	}
	for _, step := range steps() {
		step(&d)
	}
	slices.SortStableFunc(d.changes, compareChanges)
	return Derived{State: d.state, Changes: d.changes, InOrder: len(d.newest)}
}

// derivation is what the steps work on.
type derivation struct {
	rules Rules
	state State
	gaps  []Gap
	fixes []derivedFix // ascending

	late, newest []derivedFix // parts of fixes, set by order
	changes      []Change
}

type derivedFix struct {
	Seen
	fresh bool
}

func order(d *derivation) {
	first := len(d.fixes)
	for first > 0 && d.fixes[first-1].Time.After(d.state.Newest) {
		first--
	}
	d.late, d.newest = d.fixes[:first], d.fixes[first:]
}

func freshness(d *derivation) {
	for i := range d.fixes {
		fix := &d.fixes[i]
		fix.fresh = fix.Received.Sub(fix.Time) <= d.rules.FreshFor
	}
}

func zonesOfNewest(d *derivation) {
	for _, fix := range d.newest {
		before, now := ground{d.state.Zones, d.state.Vehicle}, d.ground(fix.Seen)
		for _, edge := range edges(before, now) {
			d.changes = append(d.changes, Change{Edge: edge, Time: fix.Time, InOrder: true, Fresh: fix.fresh})
		}
		d.state = State{Newest: fix.Time, Zones: now.zones, Vehicle: now.vehicle}
	}
}

func (d *derivation) ground(fix Seen) ground {
	return ground{d.rules.Zones.At(nil, fix.Position), fix.Vehicle}
}

// compareChanges puts what no longer holds before what holds, then goes by time,
// and at one time by leaving before arriving.
func compareChanges(a, b Change) int {
	if a.Retracted != b.Retracted {
		if a.Retracted {
			return -1
		}
		return 1
	}
	// Departed is greater than Arrived as a word.
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(b.Kind, a.Kind), cmp.Compare(a.Zone, b.Zone))
}
