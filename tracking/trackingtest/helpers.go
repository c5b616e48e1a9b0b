package trackingtest

import (
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
)

// bed is a device on a vehicle, with a zone of 100 m around `inside`.
const (
	truckDevice = "unit-1"
	truck       = "truck-1"
	depot       = "depot"
)

func inside() orb.Point  { return orb.Point{116.3970, 39.9080} }
func outside() orb.Point { return orb.Point{116.4500, 39.9080} }

func depotZone(uid string) tracking.Zone {
	return tracking.Zone{UID: uid, DisplayName: uid, Owner: "facilities/" + uid, Center: inside(), Radius: 100}
}

// furnish makes the truck with its device, and the depot.
func furnish(t testing.TB, g Ground) {
	t.Helper()
	g.AddDevice(t, truckDevice)
	g.AddVehicle(t, truck)
	g.Fit(t, tracking.Fitting{Device: truckDevice, Vehicle: truck, Primary: true, From: start().AddDate(-1, 0, 0)})
	g.AddZone(t, depotZone(depot))
}

// at makes a report of the truck's device, received a second after its fix.
func at(minute int, p orb.Point) tracking.Report {
	return reportOf(truckDevice, start().Add(time.Duration(minute)*time.Minute), p)
}

func reportOf(device string, fixTime time.Time, p orb.Point) tracking.Report {
	return tracking.Report{Device: device, Received: fixTime.Add(time.Second), Source: "test", Fix: tracking.NewFix(fixTime, p)}
}

// records makes what the ingester would hand to the store.
func records(t testing.TB, g Ground, reports ...tracking.Report) []tracking.Record {
	t.Helper()
	uids := make([]string, 0, len(reports))
	for _, r := range reports {
		uids = append(uids, r.Device)
	}
	ids, err := g.DeviceIDs(t.Context(), uids)
	require.NoError(t, err)
	made := make([]tracking.Record, 0, len(reports))
	for _, r := range reports {
		record, rejected := tracking.Validate(r, 0)
		require.Nil(t, rejected)
		record.DeviceID = ids[r.Device]
		made = append(made, record)
	}
	return made
}

func commit(t testing.TB, g Ground, reports ...tracking.Report) tracking.Committed {
	t.Helper()
	committed, err := g.Commit(t.Context(), records(t, g, reports...))
	require.NoError(t, err)
	require.Len(t, committed.Outcomes, len(reports))
	return committed
}

func kinds(c tracking.Committed) []tracking.OutcomeKind {
	kinds := make([]tracking.OutcomeKind, 0, len(c.Outcomes))
	for _, o := range c.Outcomes {
		kinds = append(kinds, o.Kind)
	}
	return kinds
}

// edge is a transition in short: "arrived depot 3" is at the third minute.
type edge struct {
	Kind   tracking.TransitionKind
	Zone   string
	Minute int
}

func edgesOf(transitions []tracking.Transition) []edge {
	var edges []edge
	for _, x := range transitions {
		edges = append(edges, edge{x.Kind, x.Zone, int(x.Time.Sub(start()) / time.Minute)})
	}
	return edges
}

// fold works out what holds from what the outbox told, in order.
func fold(t testing.TB, told []tracking.Transition) []edge {
	t.Helper()
	var hold []edge
	for i, e := range edgesOf(told) {
		at := slices.Index(hold, e)
		if told[i].Retracted {
			require.GreaterOrEqual(t, at, 0, "%v is retracted but was not told", e)
			hold = slices.Delete(hold, at, at+1)
			continue
		}
		require.Negative(t, at, "%v is told twice", e)
		hold = append(hold, e)
	}
	return hold
}

// Commit stores reports as an ingester would. None may be rejected before it is stored.
func Commit(t testing.TB, g Ground, reports ...tracking.Report) tracking.Committed {
	t.Helper()
	return commit(t, g, reports...)
}
