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

	response, body := get(t, s, "/v1/vehicles/truck-7/track?format=geojson", bearer(dispatcher))
	require.Equal(t, "application/geo+json", response.Header.Get("Content-Type"))
	var collection struct {
		Features []struct{ Properties struct{ Time time.Time } }
	}
	require.NoError(t, json.Unmarshal([]byte(body), &collection))
	require.Len(t, collection.Features, len(track))

	response, body = get(t, s, "/v1/vehicles/truck-7/track?format=KML&tolerance=5", bearer(dispatcher))
	require.Equal(t, "application/vnd.google-earth.kml+xml", response.Header.Get("Content-Type"))
	require.Equal(t, `attachment; filename="truck-7.kml"`, response.Header.Get("Content-Disposition"))
	require.Equal(t, 1, strings.Count(body, "<when>"))
}

func TestTrackIsDrawnByTheAPI(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	now := time.Now().Truncate(time.Microsecond)
	track := day(now)
	s.change(func() { s.track = track })
	response, body := get(t, s, "/v1/vehicles/truck-7/track?tolerance=5&max_points=10&from_time=2026-01-01T00:00:00Z", bearer(dispatcher))
	require.Equal(t, http.StatusOK, response.StatusCode, body)
	require.Equal(t, "application/json", response.Header.Get("Content-Type"))
	var answer struct {
		Track struct {
			Fixes     []struct{ FixTime time.Time }
			FixCount  string
			Deviation float64
		}
	}
	require.NoError(t, json.Unmarshal([]byte(body), &answer))
	require.Len(t, answer.Track.Fixes, len(track))
	require.InDelta(t, 5, answer.Track.Deviation, 0)

	response, _ = get(t, s, "/v1/vehicles/unknown/track", bearer(dispatcher))
	require.Equal(t, http.StatusNotFound, response.StatusCode)
	response, _ = get(t, s, "/v1/vehicles/truck-7/track", bearer(customer))
	require.Equal(t, http.StatusForbidden, response.StatusCode)
}

func TestTrackFilesRefuse(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for path, status := range map[string]int{
		"/v1/devices/unknown/track?format=gpx":                   http.StatusNotFound,
		"/v1/vehicles/unknown/track?format=csv":                  http.StatusNotFound,
		"/v1/devices/unit-7/track?format=pdf":                    http.StatusBadRequest,
		"/v1/devices/unit-7/track?format=":                       http.StatusBadRequest,
		"/v1/devices/unit-7/track?format=gpx&from=yesterday":     http.StatusBadRequest,
		"/v1/devices/unit-7/track?format=gpx&tolerance=-1":       http.StatusBadRequest,
		"/v1/devices/unit-7/track?format=gpx&tolerance=NaN":      http.StatusBadRequest,
		"/v1/devices/unit-7/track?format=gpx&tolerance=near":     http.StatusBadRequest,
		"/v1/devices/unit-7/track?format=csv&to_time=2026-02-30": http.StatusBadRequest,
		"/v1/devices/unit-7/track?format=csv&" + backwards():     http.StatusBadRequest,
	} {
		response, body := get(t, s, path, bearer(dispatcher))
		require.Equal(t, status, response.StatusCode, path)
		require.Contains(t, body, `"message"`)
	}
	response, body := get(t, s, "/v1/devices/unit-7/track?format=gpx", bearer(dispatcher))
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.NotContains(t, body, "<trkpt", "it was never seen")
	for _, header := range []http.Header{nil, bearer(customer)} {
		response, _ = get(t, s, "/v1/devices/unit-7/track?format=gpx", header)
		require.Contains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, response.StatusCode)
	}
}

func backwards() string { return "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z" }
