package trackingtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/tracking"
)

// RunDirectory proves that the directory answers as [tracking.Directory] says, from
// what the registry of devices, which has to be empty, is told.
func RunDirectory(t *testing.T, devices tracking.Devices, directory tracking.Directory) {
	t.Helper()
	made, err := devices.CreateDevice(t.Context(), tracking.Device{UID: "truck-1", DisplayName: "One", Phone: "+8613800138000"}, "")
	require.NoError(t, err)

	t.Run("by name and number", func(t *testing.T) {
		device, err := directory.ByUID(t.Context(), "truck-1")
		require.NoError(t, err)
		require.Equal(t, made, device)
		device, err = directory.ByPhone(t.Context(), "+8613800138000")
		require.NoError(t, err)
		require.Equal(t, made, device)
		for _, stranger := range []string{"truck-2", "", "Truck 1", "a\x00b", "truck-1/x"} {
			_, err = directory.ByUID(t.Context(), stranger)
			require.ErrorIs(t, err, tracking.ErrNotFound, stranger)
		}
		for _, stranger := range []string{"+8613800138001", "", "10086x", "a\x00b"} {
			_, err = directory.ByPhone(t.Context(), stranger)
			require.ErrorIs(t, err, tracking.ErrNotFound, stranger)
		}
	})
	t.Run("password", func(t *testing.T) {
		_, err := directory.Authenticate(t.Context(), "truck-1", "")
		require.ErrorIs(t, err, tracking.ErrUnauthenticated, "none was issued")

		first, err := devices.RotateCredential(t.Context(), "truck-1")
		require.NoError(t, err)
		device, err := directory.Authenticate(t.Context(), "truck-1", first)
		require.NoError(t, err)
		require.Equal(t, "truck-1", device.UID)
		require.True(t, device.HasCredential)

		second, err := devices.RotateCredential(t.Context(), "truck-1")
		require.NoError(t, err)
		for _, wrong := range [][2]string{{"truck-1", first}, {"truck-2", second}, {"truck-1", ""}, {"truck-1", "a\xff"}, {"\x00", second}} {
			_, err = directory.Authenticate(t.Context(), wrong[0], wrong[1])
			require.ErrorIs(t, err, tracking.ErrUnauthenticated, wrong)
		}
		_, err = directory.Authenticate(t.Context(), "truck-1", second)
		require.NoError(t, err)
	})
	t.Run("disabled", func(t *testing.T) {
		password, err := devices.RotateCredential(t.Context(), "truck-1")
		require.NoError(t, err)
		_, err = devices.UpdateDevice(t.Context(), tracking.Device{UID: "truck-1", Disabled: true}, tracking.DeviceMask{Disabled: true})
		require.NoError(t, err)
		_, err = directory.Authenticate(t.Context(), "truck-1", password)
		require.ErrorIs(t, err, tracking.ErrUnauthenticated)
		device, err := directory.ByPhone(t.Context(), "+8613800138000")
		require.NoError(t, err)
		require.True(t, device.Disabled)
	})
	_, err = devices.RotateCredential(t.Context(), "truck-2")
	require.ErrorIs(t, err, tracking.ErrNotFound)
}
