package trackingtest

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/tracking"
	"waybill/tracking/derive"
)

// sameForAnyOrder sends random fleets' tracks shuffled, repeated and delayed, in random
// batches, and compares all that follows with that of the same tracks sent in order.
func sameForAnyOrder(t *testing.T, g Ground) {
	t.Helper()
	furnishRandom(t, g)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		var ordered []sent
		size := rapid.IntRange(1, 3).Draw(rt, "vehicles")
		for unit := range size {
			for _, r := range trackOf(drawLegs(rt, "legs")) {
				ordered = append(ordered, sent{unit, r})
			}
		}
		slices.SortStableFunc(ordered, func(a, b sent) int { return a.report.Fix.Time.Compare(b.report.Fix.Time) })
		n += 2
		tidy, wild := newFleet(t, g, n, size), newFleet(t, g, n+1, size)
		tidy.commit(t, [][]sent{ordered})
		wild.commit(t, drawBatches(rt, drawDisorder(rt, ordered)))
		for unit := range size {
			require.Equal(rt, tidy.settled(t, unit), wild.settled(t, unit), "vehicle %d", unit)
		}
	})
}

// furnishRandom makes the zones that random fleets come through.
func furnishRandom(t testing.TB, g Ground) {
	t.Helper()
	furnish(t, g)
	g.AddZone(t, tracking.Zone{UID: "town", Center: inside(), Radius: 3000})
	g.AddZone(t, tracking.Zone{UID: "yard", Center: inside(), Radius: 300})
}

// settled is what a vehicle's story has come to.
type settled struct {
	Newest      tracking.Fix
	State       derive.State
	Zones       []string
	Transitions []edge
	Trips       []tracking.Trip
	Stops       []tracking.Stop
	Visits      []tracking.Visit
	Mileage     tracking.Length
}

func (f fleet) settled(t testing.TB, unit int) settled {
	t.Helper()
	name, g := f.names[unit], f.ground
	s := settled{
		State: g.State(t, name), Zones: g.ZonesNow(t, name), Transitions: edgesOf(g.Transitions(t, name)),
		Trips: f.trips(t, unit), Stops: f.stops(t, unit),
	}
	// How fixes came is not what they say.
	s.State.Folded, s.State.Vehicle = 0, 0
	if last := g.LastPosition(t, name); last != nil {
		s.Newest = last.Fix
		for _, unknown := range []*float64{&s.Newest.Speed, &s.Newest.Altitude, &s.Newest.Course, &s.Newest.Accuracy} {
			if math.IsNaN(*unknown) {
				*unknown = -1
			}
		}
	}
	for i := range s.Trips {
		s.Trips[i].Device, s.Trips[i].Vehicle = "", ""
		if math.IsNaN(s.Trips[i].MaxSpeed) {
			s.Trips[i].MaxSpeed = -1
		}
	}
	for i := range s.Stops {
		s.Stops[i].Device, s.Stops[i].Vehicle = "", ""
	}
	var err error
	s.Visits, err = g.Story().Visits(t.Context(), name, time.Time{}, time.Time{}, tracking.VisitPage{})
	require.NoError(t, err)
	for i := range s.Visits {
		s.Visits[i].Vehicle = ""
	}
	s.Mileage, err = g.Story().Mileage(t.Context(), tracking.JourneyQuery{Device: name})
	require.NoError(t, err)
	return s
}

func (f fleet) trips(t testing.TB, unit int) []tracking.Trip {
	t.Helper()
	trips, err := f.ground.Story().Trips(t.Context(), tracking.JourneyQuery{Vehicle: f.names[unit], Size: 1000})
	require.NoError(t, err)
	return trips
}

func (f fleet) stops(t testing.TB, unit int) []tracking.Stop {
	t.Helper()
	stops, err := f.ground.Story().Stops(t.Context(), tracking.JourneyQuery{Vehicle: f.names[unit], Size: 1000})
	require.NoError(t, err)
	return stops
}
