package crmhttp_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/tracking/trackfile"
)

func TestTrackFiles(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	now := time.Now().Truncate(time.Microsecond)
	track := day(now)
	s.change(func() { s.fleet, s.track = company(now, 10), track })

	// What our own readers read is what was there, in number and order.
	for format, read := range map[string]func(string) trackfile.Fixes{
		"gpx": func(body string) trackfile.Fixes { return trackfile.ReadGPX(strings.NewReader(body)) },
		"csv": func(body string) trackfile.Fixes {
			return trackfile.ReadCSV(strings.NewReader(body), trackfile.Columns{})
		},
	} {
		response, body := get(t, s, "/v1/devices/unit-7/track?format="+format, bearer(dispatcher))
		require.Equal(t, http.StatusOK, response.StatusCode, body)
		require.Contains(t, response.Header.Get("Content-Disposition"), "unit-7."+format)
		i := 0
		for fix, err := range read(body) {
			require.NoError(t, err)
			want := track[i]
			require.True(t, want.GetFixTime().AsTime().Equal(fix.Time))
			require.InDelta(t, want.GetPosition().GetLongitude(), fix.Position.Lon(), 0)
			require.InDelta(t, want.GetPosition().GetLatitude(), fix.Position.Lat(), 0)
			require.InDelta(t, want.GetSpeed(), fix.Speed, 0)
			i++
		}
		require.Len(t, track, i, format)
	}

	response, body := get(t, s, "/v1/vehicles/truck-7/track", bearer(dispatcher))
	require.Equal(t, "application/geo+json", response.Header.Get("Content-Type"))
	var collection struct {
		Features []struct{ Properties struct{ Time time.Time } }
	}
	require.NoError(t, json.Unmarshal([]byte(body), &collection))
	require.Len(t, collection.Features, len(track))
}

func TestTrackFilesRefuse(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for path, status := range map[string]int{
		"/v1/devices/unknown/track":                                                  http.StatusNotFound,
		"/v1/vehicles/unknown/track":                                                 http.StatusNotFound,
		"/v1/devices/unit-7/track?format=pdf":                                        http.StatusBadRequest,
		"/v1/devices/unit-7/track?from=yesterday":                                    http.StatusBadRequest,
		"/v1/devices/unit-7/track?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z": http.StatusBadRequest,
	} {
		response, _ := get(t, s, path, bearer(dispatcher))
		require.Equal(t, status, response.StatusCode, path)
	}
	response, _ := get(t, s, "/v1/devices/unit-7/track", nil)
	require.Equal(t, http.StatusUnauthorized, response.StatusCode)
}
