package e2e_test

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const geoLife = "../../../shared/data/trajectories/geolife_user001_beijing.csv.gz"

// TestReplayedTrackComesBackOut replays a real track twice over MQTT and reads it
// back as GPX.
func TestReplayedTrackComesBackOut(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(geoLife); err != nil {
		t.Skip("the GeoLife track is not beside the project: ", err)
	}
	w := newWorld(t)
	pool := w.pool(t)
	for range 2 {
		w.waybill(t, "replay", geoLife, "--device", w.device, "--password", w.password, "--mqtt-address", w.mqtt, "--speed", "0")
		var stored int
		require.NoError(t, pool.QueryRow(t.Context(), `select count(*) from tracking.position`).Scan(&stored))
		require.Equal(t, distinctTimes(t), stored)
	}

	code, body := w.get(t, w.admin, "/v1/devices/"+w.device+"/track?format=gpx&from=2008-01-01T00:00:00Z&to=2010-01-01T00:00:00Z")
	require.Equal(t, 200, code, "%.300s", body)
	want := geoLifeFixes(t)
	require.Equal(t, want, gpxPoints(t, body))

	file := filepath.Join(t.TempDir(), "track.gpx")
	require.Contains(t, w.waybill(t, "export", "devices/"+w.device, "--server", w.tracking, "--token", w.admin, "--out", file),
		strconv.Itoa(len(want))+" fixes are in ")
	exported, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, want, gpxPoints(t, exported))

	code, body = w.get(t, w.admin, "/v1/devices/"+w.device+"/track?tolerance=10&max_points=500")
	require.Equal(t, 200, code, "%.300s", body)
	var drawn struct {
		Track struct {
			Fixes     []json.RawMessage
			FixCount  string
			Deviation float64
		}
	}
	require.NoError(t, json.Unmarshal(body, &drawn))
	require.Len(t, drawn.Track.Fixes, 500)
	require.Equal(t, strconv.Itoa(len(want)), drawn.Track.FixCount)
	require.Positive(t, drawn.Track.Deviation)
}

// sample is one row of the track.
type sample struct {
	at       time.Time
	lon, lat float64
}

// geoLifeFixes are the rows of the file, which are in the order of time.
func geoLifeFixes(t *testing.T) []sample {
	t.Helper()
	file, err := os.Open(geoLife)
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	require.NoError(t, err)
	rows, err := csv.NewReader(unzipped).ReadAll() // lat, lng, datetime, uid
	require.NoError(t, err)
	all := make([]sample, 0, len(rows))
	for _, row := range rows[1:] {
		at, err := time.Parse(time.DateTime, row[2])
		require.NoError(t, err)
		all = append(all, sample{at: at.UTC(), lon: degrees(t, row[1]), lat: degrees(t, row[0])})
	}
	return all
}

// gpxPoints are the points of a GPX file.
func gpxPoints(t *testing.T, file []byte) []sample {
	t.Helper()
	var gpx struct {
		Points []struct {
			Lat  string    `xml:"lat,attr"`
			Lon  string    `xml:"lon,attr"`
			Time time.Time `xml:"time"`
		} `xml:"trk>trkseg>trkpt"`
	}
	require.NoError(t, xml.Unmarshal(file, &gpx))
	all := make([]sample, 0, len(gpx.Points))
	for _, p := range gpx.Points {
		all = append(all, sample{at: p.Time.UTC(), lon: degrees(t, p.Lon), lat: degrees(t, p.Lat)})
	}
	return all
}

func degrees(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return v
}

func distinctTimes(t *testing.T) int {
	t.Helper()
	times := make(map[time.Time]struct{})
	for _, s := range geoLifeFixes(t) {
		times[s.at] = struct{}{}
	}
	return len(times)
}
