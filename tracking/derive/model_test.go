package derive_test

import (
	"math"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/geo"
	"waybill/tracking/derive"
)

// circles are zones for tests, by key.
type circles map[int64]circle

type circle struct {
	center orb.Point
	radius float64
	limit  float64 // NaN for none
}

func (c circles) At(dst []int64, p orb.Point) []int64 {
	for id, zone := range c {
		if geo.Distance(zone.center, p) <= zone.radius {
			dst = append(dst, id)
		}
	}
	slices.Sort(dst)
	return dst
}

func (c circles) SpeedLimit(zone int64) float64 { return c[zone].limit }

func home() orb.Point { return orb.Point{121.4737, 31.2304} }

func start() time.Time { return time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC) }

func rulesWithZones() *derive.Rules {
	rules := derive.DefaultRules()
	rules.KeepEvery = 10 // so that late fixes find states to begin from
	rules.Zones = circles{
		1: {home(), 300, math.NaN()},
		2: {geo.Destination(home(), 90, 1500), 800, 8},
		3: {geo.Destination(home(), 90, 2500), 400, math.NaN()},
	}
	return &rules
}

func fixAt(at time.Duration, p orb.Point) derive.Seen {
	t := start().Add(at)
	return derive.Seen{Time: t, Received: t, Position: p, Speed: math.NaN(), Accuracy: math.NaN()}
}

// device is what a store keeps of one: it does with late fixes what storage does.
type device struct {
	rules  *derive.Rules
	limits derive.Limits
	state  derive.State
	stored map[time.Time]derive.Seen
	kept   map[time.Time][]byte
	holds  map[derive.Fact]struct{}
}

func newDevice(rules *derive.Rules) *device {
	return &device{
		rules: rules, limits: derive.Limits{Speed: 20}, stored: make(map[time.Time]derive.Seen),
		kept: make(map[time.Time][]byte), holds: make(map[derive.Fact]struct{}),
	}
}

func (d *device) sorted() []derive.Seen {
	fixes := make([]derive.Seen, 0, len(d.stored))
	for _, fix := range d.stored {
		fixes = append(fixes, fix)
	}
	sort.Slice(fixes, func(i, j int) bool { return fixes[i].Time.Before(fixes[j].Time) })
	return fixes
}

func (d *device) commit(t require.TestingT, batch []derive.Seen) {
	var late, next []derive.Seen
	for _, fix := range batch {
		if _, ok := d.stored[fix.Time]; ok {
			continue
		}
		d.stored[fix.Time] = fix
		if fix.Time.After(d.state.Newest) {
			next = append(next, fix)
		} else {
			late = append(late, fix)
		}
	}
	byTime := func(a, b derive.Seen) int { return a.Time.Compare(b.Time) }
	slices.SortFunc(late, byTime)
	slices.SortFunc(next, byTime)
	if len(late) > 0 {
		d.revise(t, late)
	}
	followed := derive.Follow(d.state, next, d.rules, &d.limits)
	d.state = followed.State
	d.keep(t, followed.Kept)
	d.apply(t, followed.Changes)
}

func (d *device) revise(t require.TestingT, late []derive.Seen) {
	var from derive.State
	var since time.Time
	for at, state := range d.kept {
		if at.Before(late[0].Time) && at.After(since) {
			since = at
			require.NoError(t, from.UnmarshalBinary(state))
		}
	}
	revision := derive.NewRevision(from, d.rules, &d.limits)
	last := since
	for _, fix := range d.sorted() {
		if !fix.Time.After(since) || fix.Time.After(d.state.Newest) {
			continue
		}
		isLate := slices.ContainsFunc(late, func(l derive.Seen) bool { return l.Time.Equal(fix.Time) })
		revision.Add(&fix, isLate)
		last = fix.Time
		if fix.Time.After(late[len(late)-1].Time) && revision.Settled() {
			break
		}
	}
	var stated []derive.Edge
	for fact := range d.holds {
		if (fact.Kind == derive.Arrived || fact.Kind == derive.Departed) && fact.Stated.After(since) && !fact.Stated.After(last) {
			stated = append(stated, derive.Edge{Time: fact.Stated, Zone: fact.Zone, Kind: fact.Kind})
		}
	}
	revised := revision.Finish(d.state, stated)
	d.state = revised.State
	for at := range d.kept {
		if !at.Before(late[0].Time) && !at.After(last) {
			delete(d.kept, at)
		}
	}
	d.keep(t, revised.Kept)
	d.apply(t, revised.Changes)
}

func (d *device) keep(t require.TestingT, states []derive.State) {
	for i := range states {
		b, err := states[i].AppendBinary(nil)
		require.NoError(t, err)
		d.kept[states[i].Newest] = b
	}
}

func (d *device) apply(t require.TestingT, changes []derive.Change) {
	for _, change := range changes {
		if change.Retracted {
			require.Contains(t, d.holds, change.Fact)
			delete(d.holds, change.Fact)
			continue
		}
		require.NotContains(t, d.holds, change.Fact)
		d.holds[change.Fact] = struct{}{}
	}
}

// journey draws a track: it stays, walks, drives, jumps, is silent.
func journey(rt *rapid.T) []derive.Seen {
	var fixes []derive.Seen
	at, place := time.Duration(0), home()
	for range rapid.IntRange(1, 8).Draw(rt, "parts") {
		speed := rapid.SampledFrom([]float64{0, 0, 1.2, 9, 25}).Draw(rt, "speed")
		every := time.Duration(rapid.SampledFrom([]int{1, 10, 60, 400}).Draw(rt, "every")) * time.Second
		bearing := rapid.SampledFrom([]float64{90, 270, 85, 0}).Draw(rt, "bearing")
		for range rapid.IntRange(1, 40).Draw(rt, "fixes") {
			at += every
			place = geo.Destination(place, bearing, speed*every.Seconds())
			noise := rapid.Float64Range(0, 25).Draw(rt, "noise")
			fix := fixAt(at, geo.Destination(place, rapid.Float64Range(0, 360).Draw(rt, "towards"), noise))
			switch rapid.IntRange(0, 30).Draw(rt, "odd") {
			case 0:
				fix.Position = orb.Point{0, 0}
			case 1:
				fix.Position = geo.Destination(place, 10, 500_000)
			case 2:
				fix.Signals = derive.SignalsOf(map[string]any{"battery_percent": 15.0, "ignition": true, "shock": true, "external_power": false})
			case 3:
				fix.Signals = derive.SignalsOf(map[string]any{"battery_percent": 80.0, "ignition": false, "external_power": true})
			case 4:
				fix.Speed = speed
			case 5:
				place = geo.Destination(place, 200, 300_000) // it is there now
			case 6:
				fix.Vehicle = 7
			case 7:
				word := rapid.SampledFrom([]string{"sos", "power_cut", "low_battery", "shock", "speeding", "door_open"}).Draw(rt, "alarm")
				fix.Signals = derive.SignalsOf(map[string]any{"alarm": word})
			}
			fixes = append(fixes, fix)
		}
	}
	return fixes
}

// TestAnyOrder proves that history and state are a function of the set of fixes.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	rules := rulesWithZones()
	rapid.Check(t, func(rt *rapid.T) {
		track := journey(rt)
		want := newDevice(rules)
		want.commit(rt, track)

		got := newDevice(rules)
		sent := rapid.Permutation(track).Draw(rt, "order")
		if rapid.Bool().Draw(rt, "nearly in order") {
			sent = slices.Clone(track)
			for i := range sent {
				j := min(len(sent)-1, i+rapid.IntRange(0, 3).Draw(rt, "late by"))
				sent[i], sent[j] = sent[j], sent[i]
			}
		}
		for len(sent) > 0 {
			n := rapid.IntRange(1, len(sent)).Draw(rt, "batch")
			got.commit(rt, sent[:n])
			sent = sent[n:]
		}
		require.Equal(rt, want.holds, got.holds)
		require.Equal(rt, core(rt, want.state), core(rt, got.state))
		require.Equal(rt, want.state.Odometer, got.state.Odometer)
	})
}

func core(t require.TestingT, state derive.State) []byte {
	state.Folded = 0
	b, err := state.AppendBinary(nil)
	require.NoError(t, err)
	var again derive.State
	require.NoError(t, again.UnmarshalBinary(b))
	same, err := again.AppendBinary(nil)
	require.NoError(t, err)
	require.Equal(t, b, same)
	return b
}
