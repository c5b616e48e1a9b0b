package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/internal/pgtest"
)

func TestDeviceLimitsCommand(t *testing.T) {
	t.Parallel()
	address := pgtest.NewURL(t)
	waybill := func(args ...string) (code int, out, errs string) {
		var o, e bytes.Buffer
		code = run(t.Context(), append([]string{"--database-url", address, "device"}, args...), &o, &e)
		return code, o.String(), e.String()
	}
	code, _, errs := waybill("create", "unit-7")
	require.Zero(t, code, errs)
	code, out, errs := waybill("limits", "unit-7")
	require.Zero(t, code, errs)
	require.Equal(t, "devices/unit-7\n  speed         none\n  temperature   from none to none\n"+
		"  tilt          none\n  open door     not told\n  silent after  default\n", out)
	code, out, errs = waybill("limits", "devices/unit-7", "--speed", "80", "--min-temperature=-18", "--max-temperature", "0", "--door", "--silent-after", "45m")
	require.Zero(t, code, errs)
	require.Equal(t, "devices/unit-7\n  speed         80 km/h\n  temperature   from -18°C to 0°C\n"+
		"  tilt          none\n  open door     told\n  silent after  45m0s\n", out)
	code, out, errs = waybill("limits", "unit-7", "--speed", "none", "--no-door", "--silent-after", "never", "--json")
	require.Zero(t, code, errs)
	require.JSONEq(t, `{"device":"devices/unit-7","min_temperature":-18,"max_temperature":0,"door_open":false,"silent_after":"never"}`, out)

	code, _, errs = waybill("limits", "unit-7", "--max-temperature=-20")
	require.Equal(t, exitFailure, code)
	require.Contains(t, errs, "above min_temperature")
	code, _, errs = waybill("limits", "unit-7", "--silent-after", "soon")
	require.Equal(t, exitUsage, code)
	require.Contains(t, errs, "45m")
	code, _, _ = waybill("limits", "none")
	require.Equal(t, exitFailure, code)
}
