package derive

import (
	"slices"
	"time"
)

// step looks at the next fix: it changes the state and states facts. It says whether
// the steps after it are to look at the fix as well.
type step func(*fold) bool

// steps are what is done with each fix, in this order.
func steps() [8]step {
	return [...]step{
		call,    // for help: also with a fix that is not believed
		believe, // impossible fixes are kept, and nothing follows from them
		drive,   // another vehicle begins another track
		move,    // distance, trips and stops
		cross,   // arrivals and departures
		hurry,   // speed limits
		power,   // battery and supply
		sense,   // temperature, door, shock, tilt
	}
}

// fold is one run over fixes.
type fold struct {
	rules  *Rules
	limits *Limits
	steps  [8]step

	state State
	fix   *Seen
	way   float64 // metres from where it was last to fix, when it was
	now   []int64 // the zones of fix, once cross has looked
	facts []Fact  // of fix

	first bool // fix is the first of all
}

func newFold(state State, rules *Rules, limits *Limits) *fold {
	return &fold{rules: rules, limits: limits, steps: steps(), state: state}
}

// next folds one fix, which is newer than all before.
func (f *fold) next(fix *Seen) {
	f.fix, f.facts = fix, f.facts[:0]
	f.first = f.state.Newest.IsZero()
	f.state.Newest = fix.Time
	f.state.Folded++
	for _, step := range f.steps {
		if !step(f) {
			return
		}
	}
	f.state.Last = markOf(fix)
}

// keep appends the state when it is one to begin a [Revision] from. The first of all is:
// who finds none from before a fix knows that there is no fix before it.
func (f *fold) keep(kept []State) []State {
	if f.state.Folded < f.rules.KeepEvery && !f.first {
		return kept
	}
	f.state.Folded = 0
	return append(kept, f.state)
}

func (f *fold) say(fact Fact) {
	fact.Stated = f.fix.Time
	f.facts = append(f.facts, fact)
}

// Followed is what followed from fixes that came in order.
type Followed struct {
	State   State
	Changes []Change
	// Live is the index of the newest fix that is believed, -1 for none.
	Live int
	// Kept are states to begin a [Revision] from, each as of its Newest.
	Kept []State
}

// Follow folds fixes that are newer than all of the device before, and ascending. It is
// pure: neither the state that it is given nor what that refers to is changed.
func Follow(state State, fixes []Seen, rules *Rules, limits *Limits) Followed {
	return NewFollower(rules).Follow(state, fixes, limits)
}

// Follower follows many devices, one after the other, and makes room for it once.
type Follower struct{ fold *fold }

// NewFollower returns one that goes by the rules.
func NewFollower(rules *Rules) *Follower { return &Follower{newFold(State{}, rules, nil)} }

// Follow does what the function of that name does.
func (w *Follower) Follow(state State, fixes []Seen, limits *Limits) Followed {
	f := w.fold
	f.state, f.limits = state, limits
	done := Followed{Live: -1}
	for i := range fixes {
		fix := &fixes[i]
		f.next(fix)
		if f.state.Last.Time.Equal(fix.Time) {
			done.Live = i
		}
		if len(f.facts) > 0 {
			done.Changes = appendChanges(done.Changes, f.facts, Change{InOrder: true, Fresh: fix.isFresh(f.rules.FreshFor)})
		}
		done.Kept = f.keep(done.Kept)
	}
	done.State = f.state
	return done
}

func appendChanges(changes []Change, facts []Fact, as Change) []Change {
	first := len(changes)
	for _, fact := range facts {
		as.Fact = fact
		changes = append(changes, as)
	}
	slices.SortStableFunc(changes[first:], compareChanges)
	return changes
}

func (s *Seen) isFresh(freshFor time.Duration) bool { return s.Received.Sub(s.Time) <= freshFor }
