package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/internal/pgtest"
	"waybill/tracking"
	"waybill/tracking/postgres"
)

func newRegistry(t *testing.T) *postgres.Registry {
	t.Helper()
	return postgres.NewRegistry(pgtest.New(t), "CN")
}

// requireField expects an error about one field.
func requireField(t *testing.T, err error, field string, kind error) {
	t.Helper()
	var fieldError *tracking.FieldError
	require.ErrorAs(t, err, &fieldError)
	require.Equal(t, field, fieldError.Field, fieldError.Advice)
	require.ErrorIs(t, err, kind)
	require.NotEmpty(t, fieldError.Advice)
}

func TestCreateDevice(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	want := tracking.Device{
		UID: "truck-1", DisplayName: "货车一", IMEI: "353451044508750", Phone: "138 0013 8000", Zone: shanghai, Disabled: true,
	}
	got, err := r.CreateDevice(t.Context(), want, "")
	require.NoError(t, err)
	require.Equal(t, "+8613800138000", got.Phone, "in E.164, by the installation's country")
	require.False(t, got.CreateTime.IsZero())
	require.Equal(t, time.UTC, got.CreateTime.Location())
	want.Phone, want.CreateTime, want.UpdateTime = got.Phone, got.CreateTime, got.UpdateTime
	require.Equal(t, want, got)

	stored, err := r.Device(t.Context(), "truck-1")
	require.NoError(t, err)
	require.Equal(t, got, stored)

	_, err = r.Device(t.Context(), "truck-2")
	require.ErrorIs(t, err, tracking.ErrNotFound)
}

func TestCreateDeviceMakesUpAnID(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	got, err := r.CreateDevice(t.Context(), tracking.Device{}, "")
	require.NoError(t, err)
	require.NoError(t, tracking.CheckUID("uid", got.UID))
}

func TestCreateDeviceRefuses(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	_, err := r.CreateDevice(t.Context(), tracking.Device{UID: "one", IMEI: "353451044508750", Phone: "+8613800138000"}, "")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		device tracking.Device
		field  string
		kind   error
	}{
		"a name that is taken":   {tracking.Device{UID: "one"}, "uid", tracking.ErrExists},
		"an IMEI that is taken":  {tracking.Device{IMEI: "353451044508750"}, "imei", tracking.ErrExists},
		"a phone that is taken":  {tracking.Device{Phone: "13800138000"}, "phone", tracking.ErrExists},
		"a bad name":             {tracking.Device{UID: "Truck 1"}, "uid", tracking.ErrInvalid},
		"a bad IMEI":             {tracking.Device{IMEI: "35345104450875x"}, "imei", tracking.ErrInvalid},
		"a bad phone":            {tracking.Device{Phone: "the driver's"}, "phone", tracking.ErrInvalid},
		"a name with a zero":     {tracking.Device{DisplayName: "a\x00"}, "display_name", tracking.ErrInvalid},
		"a name in broken UTF-8": {tracking.Device{DisplayName: "a\xff"}, "display_name", tracking.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := r.CreateDevice(t.Context(), c.device, "")
			requireField(t, err, c.field, c.kind)
		})
	}
}

func TestRepeatedRequestReturnsWhatIsStored(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	for range 2 { // with an id that the client chose, and one that is made up
		first, err := r.CreateDevice(t.Context(), tracking.Device{Phone: "13800138000"}, "d0b9")
		require.NoError(t, err)
		again, err := r.CreateDevice(t.Context(), tracking.Device{Phone: "13800138000"}, "d0b9")
		require.NoError(t, err)
		require.Equal(t, first, again)
	}
	vehicle, err := r.CreateVehicle(t.Context(), tracking.Vehicle{UID: "v"}, "v0b9")
	require.NoError(t, err)
	sameVehicle, err := r.CreateVehicle(t.Context(), tracking.Vehicle{UID: "v"}, "v0b9")
	require.NoError(t, err)
	require.Equal(t, vehicle, sameVehicle)

	circle := tracking.Zone{UID: "z", Center: orb.Point{1, 2}, Radius: 3}
	zone, err := r.CreateZone(t.Context(), circle, "z0b9")
	require.NoError(t, err)
	sameZone, err := r.CreateZone(t.Context(), circle, "z0b9")
	require.NoError(t, err)
	require.Equal(t, zone, sameZone)
	_, err = r.CreateZone(t.Context(), circle, "")
	requireField(t, err, "uid", tracking.ErrExists)
}

func TestListInPages(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	for i := range 5 {
		_, err := r.CreateDevice(t.Context(), tracking.Device{UID: fmt.Sprintf("d-%d", i)}, "")
		require.NoError(t, err)
		_, err = r.CreateVehicle(t.Context(), tracking.Vehicle{UID: fmt.Sprintf("v-%d", i)}, "")
		require.NoError(t, err)
	}
	devices, err := r.Devices(t.Context(), tracking.Page{Size: 2})
	require.NoError(t, err)
	require.Len(t, devices, 2)
	devices, err = r.Devices(t.Context(), tracking.Page{After: devices[1].UID, Size: 10})
	require.NoError(t, err)
	require.Len(t, devices, 3)
	require.Equal(t, "d-2", devices[0].UID)
	vehicles, err := r.Vehicles(t.Context(), tracking.Page{After: "v-3", Size: 10})
	require.NoError(t, err)
	require.Len(t, vehicles, 1)
}

func TestUpdateChangesWhatTheMaskNames(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	before, err := r.CreateDevice(t.Context(), tracking.Device{UID: "d", DisplayName: "one", Phone: "13800138000"}, "")
	require.NoError(t, err)
	// The phone isn't looked at, bad as it is.
	after, err := r.UpdateDevice(t.Context(), tracking.Device{UID: "d", DisplayName: "two", Phone: "x", Disabled: true},
		tracking.DeviceMask{DisplayName: true})
	require.NoError(t, err)
	require.Equal(t, "two", after.DisplayName)
	require.Equal(t, before.Phone, after.Phone)
	require.False(t, after.Disabled)
	require.True(t, after.UpdateTime.After(before.UpdateTime))
	require.Empty(t, after.Model)
	after, err = r.UpdateDevice(t.Context(), tracking.Device{UID: "d", Model: "concox"}, tracking.DeviceMask{Model: true})
	require.NoError(t, err)
	require.Equal(t, "concox", after.Model)
	_, err = r.UpdateDevice(t.Context(), tracking.Device{UID: "d", Model: "No Model"}, tracking.DeviceMask{Model: true})
	requireField(t, err, "model", tracking.ErrInvalid)

	_, err = r.CreateDevice(t.Context(), tracking.Device{UID: "e"}, "")
	require.NoError(t, err)
	_, err = r.UpdateDevice(t.Context(), tracking.Device{UID: "e", Phone: "13800138000"}, tracking.DeviceMask{Phone: true})
	requireField(t, err, "phone", tracking.ErrExists)
	_, err = r.UpdateDevice(t.Context(), tracking.Device{UID: "none"}, tracking.DeviceMask{Phone: true})
	require.ErrorIs(t, err, tracking.ErrNotFound)

	_, err = r.CreateVehicle(t.Context(), tracking.Vehicle{UID: "v", DisplayName: "one", Plate: "京A"}, "")
	require.NoError(t, err)
	vehicle, err := r.UpdateVehicle(t.Context(), tracking.Vehicle{UID: "v", Plate: "京B"}, tracking.VehicleMask{Plate: true})
	require.NoError(t, err)
	require.Equal(t, "one", vehicle.DisplayName)
	require.Equal(t, "京B", vehicle.Plate)
}

func TestMachinesPhoneNumbers(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	// A SIM for machines has a number that is longer than those of people.
	_, err := r.CreateDevice(t.Context(), tracking.Device{UID: "m2m", Phone: "+861064712345678"}, "")
	require.NoError(t, err)
	device, err := r.ByPhone(t.Context(), "+861064712345678")
	require.NoError(t, err)
	require.Equal(t, "m2m", device.UID)
}
