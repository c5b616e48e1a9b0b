package derive_test

import (
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/geo"
	"waybill/tracking/derive"
)

// follow folds fixes as they come live.
func follow(fixes ...derive.Seen) derive.Followed {
	limits := derive.Limits{
		MinTemperature: derive.Reading{Value: 2, Known: true}, MaxTemperature: derive.Reading{Value: 8, Known: true},
		Tilt: 30, Door: true,
	}
	return derive.Follow(derive.State{}, fixes, rulesWithZones(), &limits)
}

// route is a fix a number of metres east of home.
func route(at time.Duration, metres float64) derive.Seen {
	return fixAt(at, geo.Destination(home(), 90, metres))
}

func finished(changes []derive.Change) (segments []derive.Segment) {
	for _, change := range changes {
		if change.Kind == derive.Finished {
			segments = append(segments, change.Segment)
		}
	}
	return segments
}

func TestImpossibleFixesAreNotBelieved(t *testing.T) {
	t.Parallel()
	wild := fixAt(20*time.Second, orb.Point{0, 51})
	island := fixAt(30*time.Second, orb.Point{0.00001, -0.00002})
	vague := route(40*time.Second, 300)
	vague.Accuracy = 5000
	done := follow(route(0, 0), route(10*time.Second, 100), wild, island, vague)
	require.Equal(t, 1, done.Live)
	require.Equal(t, start().Add(10*time.Second), done.State.Last.Time)
	require.Equal(t, start().Add(40*time.Second), done.State.Newest, "they are stored all the same")

	// Who stays where nobody believed it to be was moved.
	done = follow(route(0, 0), route(10*time.Second, 100),
		fixAt(20*time.Second, orb.Point{0, 51}), fixAt(30*time.Second, orb.Point{0.0001, 51}), fixAt(40*time.Second, orb.Point{0.0002, 51}))
	require.Equal(t, 4, done.Live)
	require.Zero(t, done.State.Odometer-100_000, "the way there was none")
}

func TestTripsAndStops(t *testing.T) {
	t.Parallel()
	var fixes []derive.Seen
	add := func(from, to time.Duration, place func(at time.Duration) float64, ignition bool) {
		for at := from; at < to; at += 10 * time.Second {
			fix := route(at, place(at))
			fix.Signals = derive.SignalsOf(map[string]any{"ignition": ignition})
			fixes = append(fixes, fix)
		}
	}
	still := func(metres float64) func(time.Duration) float64 { return func(time.Duration) float64 { return metres } }
	add(0, 10*time.Minute, still(0), false)
	add(10*time.Minute, 20*time.Minute, func(at time.Duration) float64 { return 10 * (at - 10*time.Minute).Seconds() }, true)
	add(20*time.Minute, 30*time.Minute, still(6000), true)
	add(30*time.Minute, 32*time.Minute, func(at time.Duration) float64 { return 6000 + 10*(at-30*time.Minute).Seconds() }, true)
	done := follow(fixes...)

	segments := finished(done.Changes)
	require.Len(t, segments, 3)
	first, trip, stop := segments[0], segments[1], segments[2]
	require.True(t, first.Stop)
	require.Equal(t, start(), first.Start)
	require.Zero(t, first.Idle)
	require.False(t, trip.Stop)
	require.Equal(t, first.End, trip.Start)
	require.WithinDuration(t, start().Add(10*time.Minute), trip.Start, time.Minute)
	require.WithinDuration(t, start().Add(20*time.Minute), trip.End, time.Minute)
	require.InDelta(t, 6_000_000, trip.Distance, 150_000)
	require.InDelta(t, 10, trip.MaxSpeed, 0.5)
	require.True(t, stop.Stop)
	require.Equal(t, trip.End, stop.Start)
	require.Less(t, geo.Distance(stop.From, geo.Destination(home(), 90, 6000)), 50.0)
	require.InDelta(t, 10, stop.Idle.Minutes(), 1)
	require.Equal(t, derive.Moving, done.State.Motion.Phase())
	require.Equal(t, trip.Distance, done.State.Odometer)

	for n, want := range map[int]derive.Phase{180: derive.Idling, 60: derive.Stopped, 0: derive.NeverSeen} {
		state := follow(fixes[:n]...).State
		require.Equal(t, want, state.Motion.Phase())
	}
}

func TestSilenceNearByIsAStop(t *testing.T) {
	t.Parallel()
	done := follow(route(0, 0), route(10*time.Second, 150), route(20*time.Second, 300), route(time.Hour, 350), route(time.Hour+time.Minute, 900))
	segments := finished(done.Changes)
	require.Len(t, segments, 2)
	require.True(t, segments[1].Stop)
	require.Equal(t, start().Add(20*time.Second), segments[1].Start)
	require.WithinDuration(t, start().Add(time.Hour), segments[1].End, time.Minute)
}

func TestSpeedLimits(t *testing.T) {
	t.Parallel()
	at := func(second int, metres, speed float64) derive.Seen {
		fix := route(time.Duration(second)*time.Second, metres)
		fix.Speed = speed
		return fix
	}
	// Zone 2 lets 8 m/s: from 700 m on.
	done := follow(at(0, 0, 30), at(60, 900, 9), at(61, 910, 10), at(62, 920, 8.5), at(63, 930, math.NaN()), at(64, 940, 8), at(65, 950, 12), at(120, 0, 12))
	type told struct {
		kind   derive.Kind
		second float64
		value  float64
	}
	var got []told
	for _, change := range done.Changes {
		if change.Condition == derive.Speeding {
			require.EqualValues(t, 2, change.Zone)
			got = append(got, told{change.Kind, change.Stated.Sub(start()).Seconds(), change.Value})
		}
	}
	require.Equal(t, []told{
		{derive.Began, 61, 10}, {derive.Ended, 64, 0}, {derive.Began, 65, 12}, {derive.Ended, 120, 0},
	}, got, "it begins above the tolerance, ends at the limit, and where the zone does")
}

func TestSensors(t *testing.T) {
	t.Parallel()
	var fixes []derive.Seen
	for i, attributes := range []map[string]any{
		{"temperature_celsius": 5.0, "battery_percent": 30},
		{"temperature_celsius": 8.4, "battery_percent": 19.0, "external_power": true},
		{"temperature_celsius": 7.8, "battery_percent": 22, "external_power": false, "door_open": true}, // near their limits still
		{"shock": true, "tilt_degrees": 31},
		{"temperature_celsius": 7.0, "battery_percent": 26, "external_power": true, "door_open": false, "tilt_degrees": 10},
	} {
		fix := route(time.Duration(i)*time.Minute, 0)
		fix.Signals = derive.SignalsOf(attributes)
		fixes = append(fixes, fix)
	}
	got := map[derive.Condition][2]float64{}
	done := follow(fixes...)
	for _, change := range done.Changes {
		minutes := got[change.Condition]
		switch change.Kind {
		case derive.Began:
			minutes[0] = change.Stated.Sub(start()).Minutes()
		case derive.Ended:
			minutes[1] = change.Stated.Sub(start()).Minutes()
		case derive.Arrived, derive.Departed, derive.Finished:
			continue
		}
		got[change.Condition] = minutes
	}
	require.Equal(t, map[derive.Condition][2]float64{
		derive.Temperature: {1, 4}, derive.LowBattery: {1, 4}, derive.PowerCut: {2, 4},
		derive.DoorOpen: {2, 4}, derive.Shock: {3, 4}, derive.Tilt: {3, 4},
	}, got)
	require.Zero(t, done.State.Holds)
}

func TestAnotherVehicleBeginsAnotherTrack(t *testing.T) {
	t.Parallel()
	fixes := []derive.Seen{route(0, 0), route(time.Minute, 500), route(2*time.Minute, 1000)}
	fixes[2].Vehicle = 7
	done := follow(fixes...)
	segments := finished(done.Changes)
	require.Len(t, segments, 1)
	require.Equal(t, start().Add(time.Minute), segments[0].End)
	require.Equal(t, start().Add(2*time.Minute), done.State.Motion.Since)
	require.EqualValues(t, 7, done.State.Vehicle)
}

// What is a week old is history, whatever it says.
func TestStaleFixesAreNotFresh(t *testing.T) {
	t.Parallel()
	old := route(0, 0)
	old.Received = old.Time.AddDate(0, 0, 7)
	old.Signals = derive.SignalsOf(map[string]any{"shock": true})
	done := follow(old)
	require.NotEmpty(t, done.Changes)
	for _, change := range done.Changes {
		require.True(t, change.InOrder)
		require.False(t, change.Fresh)
	}
}

func FuzzState(f *testing.F) {
	full := follow(route(0, 0), route(time.Minute, 500), fixAt(2*time.Minute, orb.Point{0, 51})).State
	seed, err := full.AppendBinary(nil)
	require.NoError(f, err)
	f.Add(seed)
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var state derive.State
		if err := state.UnmarshalBinary(b); err != nil {
			require.ErrorIs(t, err, derive.ErrState)
			return
		}
		again, err := state.AppendBinary(nil)
		require.NoError(t, err)
		var same derive.State
		require.NoError(t, same.UnmarshalBinary(again))
		twice, err := same.AppendBinary(nil)
		require.NoError(t, err)
		require.Equal(t, again, twice)
	})
}
