package order_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/crm/order"
	"waybill/tracking"
)

const (
	station = "facilities/works/stations/assembly"
	bay     = "facilities/works/storageLocations/bay-4"
	works   = "facilities/works"
	lab     = "customers/acme/sites/lab"
)

func at(minutes int) time.Time {
	return time.Date(2024, 5, 6, 8, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
}

func event(step string, minutes int, readPoint, vehicle string) order.Event {
	e, err := order.Check(order.Event{BizStep: step, ReadPoint: readPoint, Vehicle: vehicle}, lab)
	if err != nil {
		panic(err)
	}
	e.Time = at(minutes)
	return e
}

// anyEvents draws events of distinct times.
func anyEvents(t *rapid.T) []order.Event {
	minutes := rapid.SliceOfNDistinct(rapid.IntRange(0, 1000), 0, 12, rapid.ID[int]).Draw(t, "minutes")
	var events []order.Event
	for i, m := range minutes {
		e := rapid.SampledFrom([]order.Event{
			event(order.Commissioning, m, station, ""),
			event(order.Inspecting, m, station, ""),
			event(order.Storing, m, bay, ""),
			event(order.Packing, m, works, ""),
			event(order.Loading, m, works, "a"),
			event(order.Loading, m, "", "b"),
			event(order.Departing, m, "", ""),
			event(order.Transporting, m, "", "a"),
			event(order.Arriving, m, lab, ""),
			event(order.Unloading, m, works, ""),
			event(order.Accepting, m, lab, ""),
			event(order.Installing, m, lab, ""),
			{BizStep: order.Inspecting, Disposition: order.Damaged, Time: at(m)},
			{BizStep: order.Shipping, Disposition: order.ReturnedGoods, Vehicle: "a", Time: at(m)},
		}).Draw(t, "event")
		e.ID, e.Recorded = int64(i), at(2000+i)
		events = append(events, e)
	}
	return events
}

// In whatever order events are recorded, they come to the same.
func TestReplayDoesNotDependOnRecording(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := anyEvents(t)
		want := order.Replay(events)
		shuffled := append([]order.Event(nil), events...)
		seed := rapid.Uint64().Draw(t, "seed")
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(shuffled), func(i, j int) { //nolint:gosec // a test's shuffle
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		})
		for i := range shuffled {
			shuffled[i].ID, shuffled[i].Recorded = int64(i), at(3000+i)
		}
		require.Equal(t, want, order.Replay(shuffled))
	})
}

// Custody has no gaps and no overlaps, one holder at a time, and changes at events.
func TestCustodyIsGapless(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		state := order.Replay(anyEvents(t))
		for i, interval := range state.Custody {
			require.NotEmpty(t, interval.Holder)
			if i == len(state.Custody)-1 {
				require.True(t, interval.To.IsZero())
				require.Equal(t, state.Holder, interval.Holder)
				require.Equal(t, state.Since, interval.From)
				continue
			}
			require.True(t, interval.From.Before(interval.To))
			require.Equal(t, state.Custody[i+1].From, interval.To)
			require.NotEqual(t, state.Custody[i+1].Holder, interval.Holder)
		}
	})
}

// Events that don't hold, and automatic ones, move nothing.
func TestCustodyFollowsFromExplicitEventsAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := anyEvents(t)
		want := order.Replay(events).Custody
		gone := event(order.Storing, rapid.IntRange(0, 1000).Draw(t, "gone"), bay, "")
		gone.Correction = order.DidNotOccur
		arrived := event(order.Arriving, rapid.IntRange(0, 1000).Draw(t, "arrived"), lab, "a")
		arrived.Automatic = true
		require.Equal(t, want, order.Replay(append(events, gone, arrived)).Custody)
	})
}

func TestTiesGoByRecordTime(t *testing.T) {
	t.Parallel()
	load, accept := event(order.Loading, 5, works, "a"), event(order.Accepting, 5, lab, "")
	load.Recorded, accept.Recorded = at(10), at(11)
	require.Equal(t, order.Delivered, order.Replay([]order.Event{accept, load}).Stage)
	load.Recorded = at(12)
	require.Equal(t, order.Transit, order.Replay([]order.Event{accept, load}).Stage)
}

func TestStatusOnTheWay(t *testing.T) {
	t.Parallel()
	steps := []struct {
		event  order.Event
		stage  order.Stage
		status order.Status
	}{
		{event(order.Commissioning, 1, station, ""), order.Production, order.StatusInfoReceived},
		{event(order.Inspecting, 2, station, ""), order.Production, order.StatusInfoReceived},
		{event(order.Storing, 3, bay, ""), order.Warehouse, order.StatusInfoReceived},
		{event(order.Loading, 4, works, "a"), order.Transit, order.StatusInfoReceived},
		{event(order.Departing, 5, "", ""), order.Transit, order.StatusInTransit},
		{event(order.Arriving, 6, works, ""), order.Transit, order.StatusInTransit},
		{event(order.Arriving, 7, lab, ""), order.Transit, order.StatusOutForDelivery},
		{event(order.Unloading, 8, lab, ""), order.Transit, order.StatusOutForDelivery},
		{event(order.Accepting, 9, "", ""), order.Delivered, order.StatusDelivered},
		{event(order.Installing, 10, "", ""), order.Installed, order.StatusDelivered},
		{order.Event{BizStep: order.Inspecting, Disposition: order.Damaged, Time: at(11)}, order.Installed, order.StatusException},
		{order.Event{BizStep: order.Shipping, Disposition: order.ReturnedGoods, Vehicle: "a", Time: at(12)}, order.Returned, order.StatusException},
	}
	require.Equal(t, order.StatusPending, order.Replay(nil).Status)
	var events []order.Event
	for _, s := range steps {
		events = append(events, s.event)
		state := order.Replay(events)
		require.Equal(t, s.stage, state.Stage, s.event.BizStep)
		require.Equal(t, s.status, state.Status, s.event.BizStep)
	}
}

func TestCombine(t *testing.T) {
	t.Parallel()
	require.Equal(t, order.StatusPending, order.Combine(nil))
	require.Equal(t, order.StatusDelivered, order.Combine([]order.Status{order.StatusDelivered, order.StatusDelivered}))
	require.Equal(t, order.StatusInTransit, order.Combine([]order.Status{order.StatusDelivered, order.StatusInTransit}))
	require.Equal(t, order.StatusException, order.Combine([]order.Status{order.StatusException, order.StatusInTransit}))
	require.Equal(t, order.StatusInfoReceived, order.Combine([]order.Status{order.StatusDelivered, order.StatusPending}))
}

func TestWrongWordsNameTheRightOnes(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]order.Event{
		"use one of commissioning":                {BizStep: "delivering"},
		"one of conformant, non_conformant":       {BizStep: order.Inspecting, Disposition: "in_transit"},
		"storage location":                        {BizStep: order.Storing, ReadPoint: station},
		"loading needs the vehicle":               {BizStep: order.Loading, ReadPoint: works},
		"happens at a site":                       {BizStep: order.Accepting, ReadPoint: bay},
		"storing happens on no vehicle":           {BizStep: order.Storing, ReadPoint: bay, Vehicle: "a"},
		"happens at a facility or a storage loca": {BizStep: order.Receiving},
	} {
		_, err := order.Check(e, lab)
		require.ErrorContains(t, err, want)
	}
}

func TestAutomatic(t *testing.T) {
	t.Parallel()
	custody := order.Replay([]order.Event{
		event(order.Storing, 0, bay, ""), event(order.Loading, 10, "", "a"), event(order.Accepting, 60, lab, ""),
	}).Custody
	visit := func(owner string, arrived, departed int) tracking.Visit {
		v := tracking.Visit{Vehicle: "a", Owner: owner, Arrived: at(arrived)}
		if departed != 0 {
			v.Departed = at(departed)
		}
		return v
	}
	got := order.Automatic(custody, lab, []tracking.Visit{
		visit(works, -10, -5),                     // before the load
		visit(works, 5, 15), visit(works, 16, 17), // loaded, and back for a moment
		visit("facilities/depot", 20, 25), // on the way
		visit(lab, 40, 45), visit(lab, 50, 0),
		{Vehicle: "b", Owner: lab, Arrived: at(30)}, // another vehicle
	})
	require.Len(t, got, 2)
	require.Equal(t, order.Departing, got[0].BizStep)
	require.Equal(t, at(15), got[0].Time)
	require.Equal(t, works, got[0].ReadPoint)
	require.Equal(t, order.Arriving, got[1].BizStep)
	require.Equal(t, at(40), got[1].Time)
	// What came after custody ended is none of the goods' business.
	require.Empty(t, order.Automatic(custody, lab, []tracking.Visit{visit(lab, 60, 0), visit(works, 70, 80)}))

	missing, vanished := order.Diff(got[:1], got)
	require.Equal(t, got[1:], missing)
	require.Empty(t, vanished)
	missing, vanished = order.Diff(got, nil)
	require.Empty(t, missing)
	require.Equal(t, got, vanished)
}
