package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/tracking"
	"waybill/tracking/postgres"
)

func at(hour int) time.Time { return time.Date(2026, 3, 1, hour, 0, 0, 0, time.UTC) }

// newFleet has devices a and b, and vehicles x and y.
func newFleet(t *testing.T, r *postgres.Registry) {
	t.Helper()
	for _, uid := range []string{"a", "b"} {
		_, err := r.CreateDevice(t.Context(), tracking.Device{UID: uid}, "")
		require.NoError(t, err)
	}
	for _, uid := range []string{"x", "y"} {
		_, err := r.CreateVehicle(t.Context(), tracking.Vehicle{UID: uid, DisplayName: "Truck " + uid}, "")
		require.NoError(t, err)
	}
}

func fit(device, vehicle string, hour int) tracking.Fitting {
	return tracking.Fitting{Device: device, Vehicle: vehicle, Primary: true, From: at(hour)}
}

func TestFitDevice(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	newFleet(t, r)
	require.NoError(t, r.FitDevice(t.Context(), fit("a", "x", 1)))
	require.NoError(t, r.FitDevice(t.Context(), fit("a", "x", 1)), "twice is harmless")
	require.NoError(t, r.FitDevice(t.Context(), fit("a", "x", 2)), "it holds already")

	device, err := r.Device(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, "x", device.Vehicle)

	err = r.FitDevice(t.Context(), fit("b", "x", 3))
	requireField(t, err, "vehicle", tracking.ErrFitted)
	require.ErrorContains(t, err, `"a" from 2026-03-01T01:00:00Z on`)
	err = r.FitDevice(t.Context(), fit("a", "y", 1))
	requireField(t, err, "from_time", tracking.ErrFitted)

	second := fit("b", "x", 3)
	second.Primary = false
	require.NoError(t, r.FitDevice(t.Context(), second))

	// Moving a to y makes room on x.
	require.NoError(t, r.FitDevice(t.Context(), fit("a", "y", 4)))
	require.NoError(t, r.FitDevice(t.Context(), fit("b", "x", 5)))

	requireField(t, r.FitDevice(t.Context(), fit("none", "x", 6)), "device", tracking.ErrNotFound)
	requireField(t, r.FitDevice(t.Context(), fit("a", "none", 6)), "vehicle", tracking.ErrNotFound)
}

func TestFitDeviceBeforeAnEarlierOne(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	newFleet(t, r)
	require.NoError(t, r.FitDevice(t.Context(), fit("a", "x", 4)))
	require.NoError(t, r.FitDevice(t.Context(), fit("a", "y", 2)), "it ends where the later one begins")
	device, err := r.Device(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, "x", device.Vehicle)
	require.NoError(t, r.FitDevice(t.Context(), fit("b", "y", 4)))
}

func TestFitDeviceNow(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	newFleet(t, r)
	require.NoError(t, r.FitDevice(t.Context(), tracking.Fitting{Device: "a", Vehicle: "x", Primary: true}))
	require.NoError(t, r.FitDevice(t.Context(), tracking.Fitting{Device: "a", Vehicle: "x", Primary: true}))
	device, err := r.Device(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, "x", device.Vehicle)
}
