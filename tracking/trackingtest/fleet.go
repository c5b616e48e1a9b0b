package trackingtest

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"waybill/geo"
	"waybill/tracking"
)

// leg is a part of a random track: so many fixes, so far apart in time and on the way.
type leg struct {
	Fixes    int
	Every    int // seconds
	Bearing  float64
	Speed    float64 // m/s
	Ignition int     // 0 unknown, 1 off, 2 on
	Silence  int     // minutes before it
	Jump     bool    // a wild fix is in it
}

// drawLegs draws drives, stays with the receiver's error, silences and wild fixes, around
// the zones of the tests.
func drawLegs(rt *rapid.T, label string) []leg {
	return rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) leg {
		l := leg{
			Fixes: rapid.IntRange(1, 40).Draw(rt, "fixes"), Every: rapid.IntRange(5, 150).Draw(rt, "every"),
			Bearing:  float64(rapid.IntRange(0, 11).Draw(rt, "bearing")) * 30,
			Ignition: rapid.IntRange(0, 2).Draw(rt, "ignition"),
		}
		switch rapid.IntRange(0, 9).Draw(rt, "kind") {
		case 0, 1, 2, 3:
			l.Speed = float64(rapid.IntRange(1, 30).Draw(rt, "speed"))
		case 4:
			l.Silence = rapid.IntRange(1, 900).Draw(rt, "silence")
		case 5:
			l.Jump = true
		}
		return l
	}), 1, 10).Draw(rt, label)
}

// trackOf makes the fixes of the legs, from near the depot on, over a midnight.
func trackOf(legs []leg) (track []tracking.Report) {
	at, place := start().Add(14*time.Hour), geo.Destination(inside(), 45, 250)
	for i, l := range legs {
		at = at.Add(time.Duration(l.Silence) * time.Minute)
		for n := range l.Fixes {
			at = at.Add(time.Duration(l.Every) * time.Second)
			place = geo.Destination(place, l.Bearing, l.Speed*float64(l.Every))
			seen := geo.Destination(place, float64((i*7+n*13)%12*30), float64((i*5+n*11)%20))
			if l.Jump && n == l.Fixes/2 {
				seen = orb.Point{place.Lon(), place.Lat() + 1}
			}
			r := reportOf("", at, seen)
			if l.Ignition > 0 {
				r.Fix.Attributes = map[string]any{"ignition": l.Ignition == 2}
			}
			if l.Speed > 0 && n%3 > 0 {
				r.Fix.Speed = math.Round(l.Speed)
			}
			track = append(track, r)
		}
	}
	return track
}

// fleet is some devices, each on a vehicle of its name, that nobody else has.
type fleet struct {
	ground Ground
	names  []string
}

func newFleet(t testing.TB, g Ground, number, size int) fleet {
	t.Helper()
	f := fleet{ground: g}
	for i := range size {
		name := fmt.Sprintf("random-%d-%d", number, i)
		g.AddDevice(t, name)
		g.AddVehicle(t, name)
		g.Fit(t, tracking.Fitting{Device: name, Vehicle: name, Primary: true, From: start().AddDate(-1, 0, 0)})
		f.names = append(f.names, name)
	}
	return f
}

// sent is a report of one of a fleet.
type sent struct {
	unit   int
	report tracking.Report
}

func (f fleet) commit(t testing.TB, batches [][]sent) {
	t.Helper()
	for _, batch := range batches {
		reports := make([]tracking.Report, len(batch))
		for i, s := range batch {
			reports[i] = s.report
			reports[i].Device = f.names[s.unit]
		}
		commit(t, f.ground, reports...)
	}
}

// drawBatches cuts into batches.
func drawBatches(rt *rapid.T, all []sent) (batches [][]sent) {
	for len(all) > 0 {
		size := len(all)
		if len(batches) < 6 {
			size = rapid.IntRange(1, len(all)).Draw(rt, "size")
		}
		batches, all = append(batches, all[:size]), all[size:]
	}
	return batches
}

// drawDisorder is the input as bad networks bring it: shuffled, in part twice, in part
// long after its time.
func drawDisorder(rt *rapid.T, ordered []sent) []sent {
	again := rapid.SliceOfN(rapid.SampledFrom(ordered), 0, 10).Draw(rt, "again")
	all := append(slices.Clone(ordered), again...)
	if rapid.Bool().Draw(rt, "in stretches") { // as units do that were without a network
		at := rapid.IntRange(0, len(all)).Draw(rt, "turn")
		all = append(slices.Clone(all[at:]), all[:at]...)
	} else {
		all = rapid.Permutation(all).Draw(rt, "shuffled")
	}
	for i := range all {
		if rapid.IntRange(0, 3).Draw(rt, "delay") == 0 {
			all[i].report.Received = all[i].report.Received.Add(100 * time.Hour)
		}
	}
	return all
}
