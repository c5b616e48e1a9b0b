package derive

import (
	"math"
	"time"

	"github.com/paulmach/orb"

	"waybill/geo"
)

// move follows trips and stops. Who stays near one place for long enough has stopped
// there since the first fix near it; who goes away from it and stays away has left. The
// two radii and times differ, so that a receiver's error makes neither.
func move(f *fold) bool {
	m := &f.state.Motion
	switch {
	case m.Since.IsZero():
		*m = Motion{Since: f.fix.Time, From: f.fix.Position, Counted: markOf(f.fix), Anchor: markOf(f.fix), Ignition: m.Ignition}
	case m.Standing:
		f.stay()
	default:
		f.travel()
	}
	if f.fix.Signals.Ignition != Unknown {
		m.Ignition = f.fix.Signals.Ignition
	}
	return true
}

// travel goes on with a trip.
func (f *fold) travel() {
	m, last := &f.state.Motion, f.state.Last
	if f.stoodSince(last) {
		f.stop(last)
		f.stay()
		return
	}
	f.count()
	switch {
	case geo.Distance(m.Anchor.Position, f.fix.Position) > f.rules.StopRadius:
		m.Anchor, m.AnchorDistance = markOf(f.fix), m.Distance
	case f.fix.Time.Sub(m.Anchor.Time) >= f.rules.StopAfter:
		f.stop(markOf(f.fix))
	}
}

// stoodSince says whether the silence since the last fix was a stop: the way does not
// take that long. Where it came up again near by, nothing else can have been; where it
// did so elsewhere, it takes a longer time to be sure.
func (f *fold) stoodSince(last Mark) bool {
	spare := f.unexplained(last, f.way)
	return spare >= f.rules.StopAfter && (f.way <= f.rules.GapRadius || spare >= f.rules.GapAfter)
}

// unexplained is the time since the mark that the way in metres does not take.
func (f *fold) unexplained(since Mark, way float64) time.Duration {
	return f.fix.Time.Sub(since.Time) - f.pace(way)
}

func (f *fold) pace(way float64) time.Duration {
	return time.Duration(way / f.rules.Pace * float64(time.Second)).Truncate(time.Microsecond)
}

// count adds to the distance once it is more than the receiver's error.
func (f *fold) count() {
	m := &f.state.Motion
	if speed := f.fix.Speed; speed <= f.rules.MaxSpeed {
		m.MaxSpeed = max(m.MaxSpeed, speed)
	}
	way := geo.Distance(m.Counted.Position, f.fix.Position)
	if way < f.rules.Step {
		return
	}
	if took := f.fix.Time.Sub(m.Counted.Time).Seconds(); math.IsNaN(f.fix.Speed) && took > 0 {
		m.MaxSpeed = max(m.MaxSpeed, min(way/took, f.rules.MaxSpeed))
	}
	m.Distance += millimetres(way)
	m.Counted = markOf(f.fix)
}

// stop turns the trip into a stop at its anchor, where it stood at least until the
// mark.
func (f *fold) stop(until Mark) {
	m := &f.state.Motion
	m.Distance = m.AnchorDistance
	f.finish(m.Anchor)
	*m = Motion{
		Standing: true, Since: m.Anchor.Time, From: middle(m.Anchor.Position, until.Position, 2), Weight: 2,
		Ignition: m.Ignition,
	}
	if m.Ignition == Yes {
		m.Idle = until.Time.Sub(m.Since)
	}
}

// stay goes on with a stop, or ends it.
func (f *fold) stay() {
	m := &f.state.Motion
	way := geo.Distance(m.From, f.fix.Position)
	if way <= f.rules.LeaveRadius {
		if m.Ignition == Yes {
			m.Idle += f.fix.Time.Sub(f.state.Last.Time)
		}
		m.Away = Mark{}
		m.Weight++
		m.From = middle(m.From, f.fix.Position, m.Weight)
		return
	}
	if m.Away.IsZero() {
		m.Away = markOf(f.fix)
		m.Counted = f.state.Last // where it was last before it went
	}
	// Far away there is no doubt.
	if f.fix.Time.Sub(m.Away.Time) >= f.rules.LeaveAfter || way > 3*f.rules.LeaveRadius {
		f.leave()
	}
}

// leave ends the stop and begins a trip. Where nobody saw it go, it left in time to be
// where it was seen first.
func (f *fold) leave() {
	m := &f.state.Motion
	away, inside := m.Away, m.Counted
	way := geo.Distance(m.From, away.Position)
	left := away.Time.Add(-f.pace(way))
	if left.Before(inside.Time) {
		left = inside.Time
	}
	f.finish(Mark{Time: left})
	*m = Motion{
		Since: left, From: m.From, Distance: millimetres(way), Counted: away, Anchor: away,
		AnchorDistance: millimetres(way), Ignition: m.Ignition,
	}
	if !away.Time.Equal(f.fix.Time) {
		f.travel()
	}
}

// finish states that the segment under way is over, unless it is nothing.
func (f *fold) finish(end Mark) {
	m := &f.state.Motion
	if !end.Time.After(m.Since) {
		return
	}
	segment := m.Segment(end)
	f.state.Odometer += segment.Distance
	f.say(Fact{Kind: Finished, Vehicle: f.state.Vehicle, Segment: segment})
}

// middle moves the mean of n-1 points by the nth.
func middle(mean, point orb.Point, n int64) orb.Point {
	by := 1 / float64(n)
	lon := mean.Lon() + geo.WrapLongitude(point.Lon()-mean.Lon())*by
	return orb.Point{geo.WrapLongitude(lon), mean.Lat() + (point.Lat()-mean.Lat())*by}
}

func millimetres(metres float64) int64 { return int64(math.Round(metres * 1000)) }
