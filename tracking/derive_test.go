package tracking_test

import (
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/tracking"
)

// bands are zones of a line of longitudes: zone i from 2i to 2i+3, so that some
// overlap.
type bands struct{}

func (bands) At(dst []int64, p orb.Point) []int64 {
	for i := range int64(4) {
		if lon := p.Lon(); lon >= float64(2*i) && lon <= float64(2*i+3) {
			dst = append(dst, i)
		}
	}
	return dst
}

func rules() tracking.Rules { return tracking.Rules{Zones: bands{}, FreshFor: time.Minute} }

func second(n int) time.Time { return time.Date(2026, 3, 2, 8, 0, n, 0, time.UTC) }

func seen(n int, lon float64) tracking.Seen {
	return tracking.Seen{Time: second(n), Received: second(n + 1), Position: orb.Point{lon, 0}}
}

// story is a device's fixes and what holds of them: the least that a store does.
type story struct {
	state tracking.State
	fixes []tracking.Seen // ascending
	hold  map[tracking.Change]bool
}

func newStory() *story { return &story{hold: make(map[tracking.Change]bool)} }

// add stores those of the batch that are new and applies what follows.
func (s *story) add(t require.TestingT, batch ...tracking.Seen) tracking.Derived {
	news := tracking.News{State: s.state}
	for _, fix := range batch {
		if !has(s.fixes, fix.Time) && !has(news.Fixes, fix.Time) {
			news.Fixes = append(news.Fixes, fix)
		}
	}
	slices.SortFunc(news.Fixes, byTime)
	for i := range s.fixes {
		gap := tracking.Gap{After: s.fixes[i]}
		if i > 0 {
			gap.Before = &s.fixes[i-1]
		}
		for _, fix := range news.Fixes {
			if fix.Time.Before(gap.After.Time) && (gap.Before == nil || fix.Time.After(gap.Before.Time)) {
				gap.Stated = s.statedAt(gap.After.Time)
				news.Gaps = append(news.Gaps, gap)
				break
			}
		}
	}
	derived := tracking.Derive(news, rules())
	for _, change := range derived.Changes {
		key := tracking.Change{Edge: change.Edge, Time: change.Time}
		require.Equal(t, change.Retracted, s.hold[key], "%+v", change)
		if change.Retracted {
			delete(s.hold, key)
		} else {
			s.hold[key] = true
		}
	}
	s.state = derived.State
	s.fixes = append(s.fixes, news.Fixes...)
	slices.SortFunc(s.fixes, byTime)
	return derived
}

func (s *story) statedAt(t time.Time) (stated []tracking.Edge) {
	for change := range s.hold {
		if change.Time.Equal(t) {
			stated = append(stated, change.Edge)
		}
	}
	return stated
}

func has(fixes []tracking.Seen, t time.Time) bool {
	return slices.ContainsFunc(fixes, func(f tracking.Seen) bool { return f.Time.Equal(t) })
}

func byTime(a, b tracking.Seen) int { return a.Time.Compare(b.Time) }

func TestDeriveIsAFunctionOfTheSetOfFixes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		times := rapid.SliceOfNDistinct(rapid.IntRange(0, 60), 1, 40, rapid.ID[int]).Draw(rt, "times")
		var track []tracking.Seen
		for _, n := range times {
			track = append(track, seen(n, rapid.Float64Range(-1, 10).Draw(rt, "lon")))
		}
		ordered := newStory()
		for _, fix := range slices.SortedFunc(slices.Values(track), byTime) {
			ordered.add(rt, fix)
		}
		sent := append(slices.Clone(track), rapid.SliceOfN(rapid.SampledFrom(track), 0, 10).Draw(rt, "again")...)
		shuffled := newStory()
		for len(sent) > 0 {
			size := rapid.IntRange(1, len(sent)).Draw(rt, "size")
			shuffled.add(rt, sent[:size]...)
			sent = sent[size:]
		}
		require.Equal(rt, ordered.hold, shuffled.hold)
		require.Equal(rt, ordered.state, shuffled.state)
		// And the history alternates: who is in a zone arrived there last.
		for zone := range int64(4) {
			checkAlternates(rt, shuffled, zone)
		}
	})
}

// The same where the device changes vehicles, in the middle of visits as well.
func TestDeriveIsAFunctionWithVehicles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		times := rapid.SliceOfNDistinct(rapid.IntRange(0, 60), 1, 30, rapid.ID[int]).Draw(rt, "times")
		vehicles := rapid.SliceOfN(rapid.Int64Range(0, 2), 7, 7).Draw(rt, "vehicles") // each for ten seconds
		var track []tracking.Seen
		for _, n := range times {
			fix := seen(n, rapid.Float64Range(-1, 10).Draw(rt, "lon"))
			fix.Vehicle = vehicles[n/10]
			track = append(track, fix)
		}
		ordered, shuffled := newStory(), newStory()
		ordered.add(rt, slices.SortedFunc(slices.Values(track), byTime)...)
		for sent := track; len(sent) > 0; {
			size := rapid.IntRange(1, len(sent)).Draw(rt, "size")
			shuffled.add(rt, sent[:size]...)
			sent = sent[size:]
		}
		require.Equal(rt, ordered.hold, shuffled.hold)
		require.Equal(rt, ordered.state, shuffled.state)
		// Whatever zones a vehicle is in when it gets the device, it arrived there.
		last := ordered.fixes[0]
		for _, fix := range ordered.fixes {
			if fix.Vehicle != 0 && fix.Vehicle != last.Vehicle {
				for _, zone := range (bands{}).At(nil, fix.Position) {
					require.True(rt, ordered.hold[tracking.Change{Edge: tracking.Edge{Zone: zone, Kind: tracking.Arrived}, Time: fix.Time}])
				}
			}
			last = fix
		}
	})
}

func checkAlternates(t require.TestingT, s *story, zone int64) {
	var changes []tracking.Change
	for change := range s.hold {
		if change.Zone == zone {
			changes = append(changes, change)
		}
	}
	slices.SortFunc(changes, func(a, b tracking.Change) int { return a.Time.Compare(b.Time) })
	in := false
	for _, change := range changes {
		require.Equal(t, !in, change.Kind == tracking.Arrived)
		in = !in
	}
	require.Equal(t, in, slices.Contains(s.state.Zones, zone))
}

func TestDeriveSaysWhatIsInOrderAndFresh(t *testing.T) {
	t.Parallel()
	s := newStory()
	stale := seen(0, 0)
	stale.Received = stale.Time.Add(time.Minute + time.Second)
	derived := s.add(t, stale, seen(10, -1))
	require.Equal(t, 2, derived.InOrder)
	require.Equal(t, []tracking.Change{
		{Edge: tracking.Edge{Zone: 0, Kind: tracking.Arrived}, Time: second(0), InOrder: true},
		{Edge: tracking.Edge{Zone: 0, Kind: tracking.Departed}, Time: second(10), InOrder: true, Fresh: true},
	}, derived.Changes)

	derived = s.add(t, seen(5, -1), seen(20, -1))
	require.Equal(t, 1, derived.InOrder)
	require.Equal(t, []tracking.Change{
		{Edge: tracking.Edge{Zone: 0, Kind: tracking.Departed}, Time: second(10), Retracted: true, Fresh: true},
		{Edge: tracking.Edge{Zone: 0, Kind: tracking.Departed}, Time: second(5), Fresh: true},
	}, derived.Changes)
}

func TestDeriveLeavesAndArrivesAtOnce(t *testing.T) {
	t.Parallel()
	s := newStory()
	s.add(t, seen(0, 0))
	derived := s.add(t, seen(1, 8))
	require.Equal(t, []tracking.Change{
		{Edge: tracking.Edge{Zone: 0, Kind: tracking.Departed}, Time: second(1), InOrder: true, Fresh: true},
		{Edge: tracking.Edge{Zone: 3, Kind: tracking.Arrived}, Time: second(1), InOrder: true, Fresh: true},
	}, derived.Changes)
}
