package e2e_test

import (
	"compress/gzip"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/tracking/trackfile"
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
	next := 0
	want := geoLifeFixes(t)
	for fix, err := range trackfile.ReadGPX(strings.NewReader(string(body))) {
		require.NoError(t, err)
		require.Less(t, next, len(want))
		require.Equal(t, want[next].time, fix.Time.UnixMicro())
		require.InDelta(t, want[next].lon, fix.Position.Lon(), 1e-9)
		require.InDelta(t, want[next].lat, fix.Position.Lat(), 1e-9)
		next++
	}
	require.Equal(t, len(want), next)
}

// sample is one row of the track.
type sample struct {
	time     int64
	lon, lat float64
}

// geoLifeFixes are the rows of the file, which are in the order of time.
func geoLifeFixes(t *testing.T) []sample {
	t.Helper()
	file, err := os.Open(geoLife)
	require.NoError(t, err)
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	require.NoError(t, err)
	var all []sample
	for fix, err := range trackfile.ReadCSV(unzipped, trackfile.Columns{}) {
		require.NoError(t, err)
		all = append(all, sample{fix.Time.UnixMicro(), fix.Position.Lon(), fix.Position.Lat()})
	}
	return all
}

func distinctTimes(t *testing.T) int {
	t.Helper()
	times := make(map[int64]struct{})
	for _, s := range geoLifeFixes(t) {
		times[s.time] = struct{}{}
	}
	return len(times)
}
