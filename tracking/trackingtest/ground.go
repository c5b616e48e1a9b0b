// Package trackingtest proves implementations of the interfaces of tracking: one
// suite that each of them has to pass.
package trackingtest

import (
	"context"
	"testing"
	"time"

	"waybill/tracking"
	"waybill/tracking/derive"
)

// Ground is a store under test, with what the suite needs to prepare it and to see
// what it did. Its methods fail the test when they don't succeed.
type Ground interface {
	tracking.Store

	// AddDevice makes a device that is fitted to nothing.
	AddDevice(t testing.TB, uid string)
	// AddVehicle makes a vehicle.
	AddVehicle(t testing.TB, uid string)
	// Fit puts a device on a vehicle.
	Fit(t testing.TB, fitting tracking.Fitting)
	// AddZone makes a zone.
	AddZone(t testing.TB, zone tracking.Zone)
	// RemoveZone takes a zone away.
	RemoveZone(t testing.TB, uid string)

	// Fixes gives all stored fixes of a device by time.
	Fixes(t testing.TB, device string) []tracking.Fix
	// LastPosition gives what the device's state says, nil when it was never seen.
	LastPosition(t testing.TB, device string) *tracking.Position
	// ZonesNow gives the uids of the zones that the device's newest fix was in.
	ZonesNow(t testing.TB, device string) []string
	// Transitions gives what holds, by time, then departed before arrived, then
	// zone. Only Device, Vehicle, Zone, Kind and Time are set.
	Transitions(t testing.TB, device string) []tracking.Transition
	// State gives what derivation remembers of the device.
	State(t testing.TB, device string) derive.State
	// Story answers from what is stored.
	Story() Story
	// TakeOutbox gives what the outbox tells, by ID, and empties it.
	TakeOutbox(t testing.TB) []tracking.Transition
}

// Story is what followed from fixes.
type Story interface {
	tracking.Journeys
	tracking.Visits
	// Position is as in [tracking.Positions].
	Position(ctx context.Context, vehicle string) (tracking.Position, error)
}

// RunStore runs the suite. It asks for fresh ground for each test.
func RunStore(t *testing.T, fresh func(t testing.TB) Ground) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, g Ground)
	}{
		{"keeps all of a fix", keepsAll},
		{"keeps what is unknown unknown", keepsUnknown},
		{"knows devices by their uids", knowsDevices},
		{"tells the same from another of one time", tellsDuplicates},
		{"decides duplicates within a batch", decidesWithinBatch},
		{"rejects what is of no device", rejectsGone},
		{"says what it can't store", saysUnstorable},
		{"states arrivals and departures", statesTransitions},
		{"corrects history by late fixes", correctsHistory},
		{"tells of the vehicle of the time", tellsOfVehicle},
		{"begins a vehicle's track with its device", beginsVehiclesTrack},
		{"sees a new zone at once", seesNewZone},
		{"tells what is fresh", tellsFresh},
		{"publishes what is newest only", publishesNewest},
		{"takes any day", takesAnyDay},
		{"takes concurrent batches of one device", takesConcurrent},
		{"gives the same for any order", sameForAnyOrder},
		{"adds up", addsUp},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, fresh(t))
		})
	}
}

// start is when the tests' tracks begin.
func start() time.Time { return time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC) }
