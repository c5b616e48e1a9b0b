package derive

import (
	"math"

	"github.com/paulmach/orb"

	"waybill/geo"
)

// island is how near in degrees to where the equator meets the prime meridian a fix is
// of a unit that has none: it sends zeros.
const island = 1e-4

// believe holds back a fix that can't be: it is on zero island, says itself that it may
// be far off, or would have needed an impossible speed since the last one. When several
// of these agree with each other, it was the last one that was wrong.
func believe(f *fold) bool {
	fix, state := f.fix, &f.state
	if isOnIsland(fix.Position) || fix.Accuracy > f.rules.MaxAccuracy {
		return false
	}
	if !state.Last.IsZero() {
		f.way = geo.Distance(state.Last.Position, fix.Position)
	}
	if state.Last.IsZero() || f.reaches(state.Last, f.way) {
		state.Doubt, state.Doubts = Mark{}, 0
		return true
	}
	if state.Doubts > 0 && f.reaches(state.Doubt, geo.Distance(state.Doubt.Position, fix.Position)) {
		state.Doubts++
	} else {
		state.Doubts = 1
	}
	state.Doubt = markOf(fix)
	if state.Doubts < f.rules.Believed {
		return false
	}
	f.land()
	return true
}

// land goes on from where the device turned out to be: the way there was none.
func (f *fold) land() {
	f.state.Doubt, f.state.Doubts = Mark{}, 0
	if !f.state.Motion.Since.IsZero() {
		f.finish(f.state.Last)
		f.state.Motion = Motion{Ignition: f.state.Motion.Ignition}
	}
}

// reaches says whether the fix can have come from the mark, by the way in metres.
func (f *fold) reaches(from Mark, way float64) bool {
	slack := f.rules.Slack
	if !math.IsNaN(f.fix.Accuracy) {
		slack += f.fix.Accuracy
	}
	return way <= slack+f.rules.MaxSpeed*f.fix.Time.Sub(from.Time).Seconds()
}

func isOnIsland(p orb.Point) bool { return math.Abs(p.Lon()) < island && math.Abs(p.Lat()) < island }
