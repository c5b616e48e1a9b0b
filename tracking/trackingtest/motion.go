package trackingtest

import (
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
	"waybill/tracking/derive"
)

func statesTransitions(t *testing.T, g Ground) {
	t.Helper()
	furnish(t, g)
	commit(t, g, at(0, outside()), at(1, inside()), at(2, inside()))
	require.Equal(t, []string{depot}, g.ZonesNow(t, truckDevice))
	commit(t, g, at(3, outside()), at(4, inside()))
	want := []edge{{tracking.Arrived, depot, 1}, {tracking.Departed, depot, 3}, {tracking.Arrived, depot, 4}}
	require.Equal(t, want, edgesOf(g.Transitions(t, truckDevice)))
	told := g.TakeOutbox(t)
	require.Equal(t, want, edgesOf(told))
	require.Equal(t, tracking.Transition{
		ID: told[0].ID, Device: truckDevice, Vehicle: truck, Zone: depot, Owner: "facilities/" + depot,
		Kind: tracking.Arrived, Time: start().Add(time.Minute), InOrder: true, Fresh: true,
	}, told[0])
	// The same again says nothing.
	commit(t, g, at(3, outside()), at(4, inside()))
	require.Empty(t, g.TakeOutbox(t))
}

func correctsHistory(t *testing.T, g Ground) {
	t.Helper()
	furnish(t, g)
	commit(t, g, at(0, outside()), at(10, inside()), at(20, inside()))
	g.TakeOutbox(t)
	// It was there before: the arrival is earlier.
	commit(t, g, at(5, inside()))
	told := g.TakeOutbox(t)
	require.Equal(t, []edge{{tracking.Arrived, depot, 10}, {tracking.Arrived, depot, 5}}, edgesOf(told))
	require.True(t, told[0].Retracted)
	require.False(t, told[1].Retracted)
	for _, x := range told {
		require.False(t, x.InOrder)
		require.Equal(t, truck, x.Vehicle)
	}
	// It had left in between, before the newest, whose state stays.
	commit(t, g, at(16, outside()), at(15, outside()))
	require.Equal(t, []edge{{tracking.Departed, depot, 15}, {tracking.Arrived, depot, 20}}, edgesOf(g.TakeOutbox(t)))
	// A fix before the first of all.
	commit(t, g, at(-5, inside()))
	want := []edge{
		{tracking.Arrived, depot, -5},
		{tracking.Departed, depot, 0},
		{tracking.Arrived, depot, 5},
		{tracking.Departed, depot, 15},
		{tracking.Arrived, depot, 20},
	}
	require.Equal(t, want, edgesOf(g.Transitions(t, truckDevice)))
	require.Equal(t, []string{depot}, g.ZonesNow(t, truckDevice))
	require.Equal(t, start().Add(20*time.Minute), g.LastPosition(t, truckDevice).Fix.Time)
}

func tellsOfVehicle(t *testing.T, g Ground) {
	t.Helper()
	furnish(t, g)
	g.AddVehicle(t, "truck-2")
	g.AddDevice(t, "spare")
	commit(t, g, at(0, inside())) // who looks up vehicles has them by now
	g.Fit(t, tracking.Fitting{Device: truckDevice, Vehicle: "truck-2", Primary: true, From: start().Add(10 * time.Minute)})
	committed := commit(t, g, at(5, outside()), at(10, inside()))
	require.Equal(t, "truck-2", committed.Positions[0].Vehicle)
	// A second device of the vehicle, and one of none, are followed but not told of.
	g.Fit(t, tracking.Fitting{Device: "spare", Vehicle: "truck-2", From: start().Add(10 * time.Minute)})
	committed = commit(t, g, reportOf("spare", start().Add(time.Minute), inside()), reportOf("spare", start().Add(12*time.Minute), outside()))
	require.Empty(t, committed.Positions[0].Vehicle)

	var vehicles []string
	for _, x := range g.TakeOutbox(t) {
		vehicles = append(vehicles, x.Vehicle)
	}
	require.Equal(t, []string{truck, truck, "truck-2"}, vehicles)
	spare := g.Transitions(t, "spare")
	require.Equal(t, []edge{{tracking.Arrived, depot, 1}, {tracking.Departed, depot, 12}}, edgesOf(spare))
	require.Empty(t, spare[0].Vehicle)
	// A late fix of the first truck's time is the first truck's.
	commit(t, g, at(2, outside()))
	for _, x := range g.TakeOutbox(t) {
		require.Equal(t, truck, x.Vehicle)
	}
}

// beginsVehiclesTrack has a unit that has been in the depot for long come to a truck.
func beginsVehiclesTrack(t *testing.T, g Ground) {
	t.Helper()
	furnish(t, g)
	g.AddVehicle(t, "truck-2")
	g.AddVehicle(t, "truck-3")
	g.AddDevice(t, "spare")
	spare := func(minute int, p orb.Point) tracking.Report {
		return reportOf("spare", start().Add(time.Duration(minute)*time.Minute), p)
	}
	commit(t, g, spare(0, inside()), spare(1, inside()))
	require.Empty(t, g.TakeOutbox(t))
	// That it is there since before its newest fix is said after it.
	g.Fit(t, tracking.Fitting{Device: "spare", Vehicle: "truck-2", Primary: true, From: start().Add(30 * time.Second)})
	commit(t, g, spare(2, inside()), spare(3, inside()))
	told := g.TakeOutbox(t)
	require.Equal(t, []edge{{tracking.Arrived, depot, 2}}, edgesOf(told))
	require.Equal(t, "truck-2", told[0].Vehicle)
	commit(t, g, spare(8, outside()), spare(9, inside()))
	require.Equal(t, []edge{{tracking.Departed, depot, 8}, {tracking.Arrived, depot, 9}}, edgesOf(g.TakeOutbox(t)))

	// The next truck has arrived too, and earlier by a fix that comes late.
	g.Fit(t, tracking.Fitting{Device: "spare", Vehicle: "truck-3", Primary: true, From: start().Add(10 * time.Minute)})
	commit(t, g, spare(12, inside()))
	commit(t, g, spare(11, inside()))
	told = g.TakeOutbox(t)
	require.Equal(t, []edge{{tracking.Arrived, depot, 12}, {tracking.Arrived, depot, 12}, {tracking.Arrived, depot, 11}}, edgesOf(told))
	require.True(t, told[1].Retracted)
	for _, x := range told {
		require.Equal(t, "truck-3", x.Vehicle)
	}
}

func seesNewZone(t *testing.T, g Ground) {
	t.Helper()
	furnish(t, g)
	commit(t, g, at(0, inside()), at(1, inside()))
	g.AddZone(t, depotZone("yard"))
	// A late fix doesn't tell half of a visit of a zone that was not there.
	commit(t, g, reportOf(truckDevice, start().Add(30*time.Second), outside()))
	commit(t, g, at(2, inside()))
	require.ElementsMatch(t, []string{depot, "yard"}, g.ZonesNow(t, truckDevice))
	g.RemoveZone(t, "yard")
	commit(t, g, at(3, inside()))
	var yard []edge
	for _, e := range edgesOf(g.Transitions(t, truckDevice)) {
		if e.Zone == "yard" {
			yard = append(yard, e)
		}
	}
	require.Equal(t, []edge{{tracking.Arrived, "yard", 2}, {tracking.Departed, "yard", 3}}, yard)
	require.Equal(t, []string{depot}, g.ZonesNow(t, truckDevice))
}

func tellsFresh(t *testing.T, g Ground) {
	t.Helper()
	furnish(t, g)
	stale := at(0, inside())
	stale.Received = stale.Fix.Time.Add(derive.DefaultFreshFor + time.Second)
	commit(t, g, stale, at(1, outside()))
	told := g.TakeOutbox(t)
	require.Len(t, told, 2)
	require.True(t, told[0].InOrder)
	require.False(t, told[0].Fresh)
	require.True(t, told[1].Fresh)
}

func publishesNewest(t *testing.T, g Ground) {
	t.Helper()
	furnish(t, g)
	committed := commit(t, g, at(2, outside()), at(3, inside()), at(1, inside()))
	require.Len(t, committed.Positions, 1)
	require.Equal(t, start().Add(3*time.Minute), committed.Positions[0].Fix.Time)
	require.Equal(t, truck, committed.Positions[0].Vehicle)
	require.Empty(t, commit(t, g, at(0, inside()), at(1, inside()), at(3, outside())).Positions)
	// Again, because of its first commit nobody may have heard.
	again := commit(t, g, at(3, inside()))
	require.Equal(t, []tracking.OutcomeKind{tracking.Duplicate}, kinds(again))
	require.Len(t, again.Positions, 1)
	require.Equal(t, committed.Positions[0].Fix.Time, again.Positions[0].Fix.Time)
	require.Equal(t, start().Add(3*time.Minute), g.LastPosition(t, truckDevice).Fix.Time)
}
