package trackfile_test

import (
	"compress/gzip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
	"waybill/tracking/trackfile"
)

func collect(t testing.TB, fixes trackfile.Fixes) []tracking.Fix {
	t.Helper()
	var all []tracking.Fix
	for fix, err := range fixes {
		require.NoError(t, err)
		all = append(all, fix)
	}
	return all
}

func TestReadCSV(t *testing.T) {
	t.Parallel()
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	at := time.Date(2008, 10, 23, 5, 53, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		text    string
		columns trackfile.Columns
	}{
		"usual names":      {"lat,lng,datetime,uid\n39.5,116.25,2008-10-23 05:53:05,001\n", trackfile.Columns{}},
		"names by request": {"a,b,c\n39.5,116.25,2008-10-23T05:53:05Z\n", trackfile.Columns{Time: "c", Latitude: "A", Longitude: "b"}},
		"local time":       {"lat,lon,time\n39.5,116.25,2008-10-23 13:53:05\n", trackfile.Columns{Zone: shanghai}},
		"unix seconds":     {"lat,lon,tst\n39.5,116.25,1224741185\n", trackfile.Columns{}},
	} {
		fixes := collect(t, trackfile.ReadCSV(strings.NewReader(c.text), c.columns))
		require.Len(t, fixes, 1, name)
		require.Equal(t, at, fixes[0].Time, name)
		require.Equal(t, orb.Point{116.25, 39.5}, fixes[0].Position, name)
	}
}

func TestReadCSVSaysWhereItIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                            "row 1: there is no header",
		"a,b\n1,2\n":                  "name the column of the time",
		"lat,lon,time\n1,2,3rd May\n": `row 2: "3rd May" is no time`,
		"lat,lon,time\n1,east,2008-10-23T05:53:05Z\n":                              "row 2: the longitude is no number",
		"lat,lon,time\n1,2,2008-10-23T05:53:05Z\n1,2\n":                            "row 3: ",
		"lat,lon,time,speed\n1,2,2008-10-23T05:53:05Z,\n1,2,2008-10-23T05:53:05,x": "row 3: not a number",
	} {
		var last error
		for _, err := range trackfile.ReadCSV(strings.NewReader(text), trackfile.Columns{}) {
			last = err
		}
		require.ErrorContains(t, last, want, text)
	}
}

func TestReadGPX(t *testing.T) {
	t.Parallel()
	fixes := collect(t, trackfile.ReadGPX(strings.NewReader(`<?xml version="1.0"?>
<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="31.25" lon="121.5"><ele>4.5</ele><time>2026-01-02T03:04:05.25Z</time><sat>9</sat>
<extensions><speed>12.5</speed><course>90</course></extensions></trkpt>
</trkseg><trkseg><trkpt lat="31.5" lon="121.75"><time>2026-01-02T03:04:06Z</time></trkpt></trkseg></trk></gpx>`)))
	require.Len(t, fixes, 2)
	require.Equal(t, time.Date(2026, 1, 2, 3, 4, 5, 250_000_000, time.UTC), fixes[0].Time)
	require.InDelta(t, 12.5, fixes[0].Speed, 0)
	require.InDelta(t, 90, fixes[0].Course, 0)
	require.InDelta(t, 4.5, fixes[0].Altitude, 0)
	require.Equal(t, 9, fixes[0].Satellites)
	require.Equal(t, orb.Point{121.75, 31.5}, fixes[1].Position)
}

func TestReadGPXNeedsTimes(t *testing.T) {
	t.Parallel()
	for _, err := range trackfile.ReadGPX(strings.NewReader(`<gpx><trkpt lat="1" lon="2"/></gpx>`)) {
		var row *trackfile.RowError
		require.ErrorAs(t, err, &row)
		require.Equal(t, 1, row.Row)
	}
}

func TestGeoLifeIsReadWhole(t *testing.T) {
	t.Parallel()
	file, err := os.Open("../../../shared/data/trajectories/geolife_user001_beijing.csv.gz")
	if err != nil {
		t.Skip("the GeoLife track is not beside the project: ", err)
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	require.NoError(t, err)
	require.Len(t, collect(t, trackfile.ReadCSV(unzipped, trackfile.Columns{})), 108_607)
}

// readAll reads to the end or the first error, which must not be followed by more.
func readAll(fixes trackfile.Fixes) {
	var failed bool
	for _, err := range fixes {
		if failed {
			panic("there is something after an error")
		}
		failed = err != nil
	}
}

func FuzzReadGPX(f *testing.F) {
	f.Add(`<gpx><trk><trkseg><trkpt lat="1" lon="2"><time>2026-01-02T03:04:06Z</time></trkpt></trkseg></trk></gpx>`)
	f.Fuzz(func(_ *testing.T, text string) {
		readAll(trackfile.ReadGPX(strings.NewReader(text)))
	})
}

func FuzzReadCSV(f *testing.F) {
	f.Add("lat,lon,time\n1,2,2008-10-23T05:53:05Z\n")
	f.Add("lat,lon,time\n1\n")
	f.Add("lAt,lon,time\n\"00000000000000000")
	f.Fuzz(func(_ *testing.T, text string) {
		readAll(trackfile.ReadCSV(strings.NewReader(text), trackfile.Columns{}))
	})
}
