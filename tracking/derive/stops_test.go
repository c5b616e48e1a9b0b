package derive_test

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/geo"
	"waybill/tracking/derive"
)

// labelled is a stop that was labelled by hand, or a span that nobody can tell.
type labelled struct {
	track      string
	start, end time.Time
	place      orb.Point
}

// Stops that follow from real tracks are compared with those that a person sees in
// them. The labels say themselves how they were made (testdata/stops/README.md). A stop
// is found when half of the time that it or the label spans is common to both, and their
// places are within 300 m.
func TestStopsOfRealTracks(t *testing.T) {
	t.Parallel()
	tracks := readTracks(t)
	stops, doubtful := readLabels(t, "stops.csv"), readLabels(t, "doubtful.csv")
	var total score
	for _, day := range readRows(t, "days.csv") {
		found := stopsOf(tracks(day["track"], moment(t, day["from"]), moment(t, day["to"])))
		one := compare(found, of(stops, day["track"]), of(doubtful, day["track"]))
		t.Logf("%-20s %v", day["track"], one)
		for _, s := range one.missed {
			t.Logf("    missed %s to %s", s.start.Format(time.TimeOnly), s.end.Format(time.TimeOnly))
		}
		for _, s := range one.extra {
			t.Logf("    false  %s to %s at %.5f", s.start.Format(time.TimeOnly), s.end.Format(time.TimeOnly), s.place)
		}
		total.add(one)
	}
	t.Logf("all %v", total)
	require.GreaterOrEqual(t, total.f1(), 0.9)
}

// stopsOf folds a track as if it came live.
func stopsOf(track []derive.Seen) []labelled {
	rules := derive.DefaultRules()
	rules.Zones = circles{}
	followed := derive.Follow(derive.State{}, track, &rules, &derive.Limits{})
	var stops []labelled
	add := func(s derive.Segment) {
		if s.Stop {
			stops = append(stops, labelled{start: s.Start, end: s.End, place: s.From})
		}
	}
	for _, change := range followed.Changes {
		if change.Kind == derive.Finished {
			add(change.Segment)
		}
	}
	add(followed.State.Motion.Segment(followed.State.Last))
	return stops
}

type score struct {
	found         int
	missed, extra []labelled
}

func (s *score) add(other score) {
	s.found += other.found
	s.missed = append(s.missed, other.missed...)
	s.extra = append(s.extra, other.extra...)
}

func (s score) f1() float64 {
	return 2 * float64(s.found) / float64(2*s.found+len(s.missed)+len(s.extra))
}

func (s score) String() string {
	return fmt.Sprintf("%3d found, %2d missed, %2d false: F1 %.3f", s.found, len(s.missed), len(s.extra), s.f1())
}

func compare(found, labels, doubtful []labelled) (s score) {
	taken := make([]bool, len(found))
	for _, label := range labels {
		best, most := -1, 0.5
		for i, f := range found {
			if common := overlap(f, label); !taken[i] && common >= most && geo.Distance(f.place, label.place) <= 300 {
				best, most = i, common
			}
		}
		if best < 0 {
			s.missed = append(s.missed, label)
			continue
		}
		taken[best] = true
		s.found++
	}
	for i, f := range found {
		if !taken[i] && !slices.ContainsFunc(doubtful, func(d labelled) bool { return within(f, d) }) {
			s.extra = append(s.extra, f)
		}
	}
	return s
}

func common(a, b labelled) time.Duration {
	from, to := a.start, a.end
	if b.start.After(from) {
		from = b.start
	}
	if b.end.Before(to) {
		to = b.end
	}
	return max(0, to.Sub(from))
}

// overlap is the common part of the time that either spans.
func overlap(a, b labelled) float64 {
	both := common(a, b)
	return both.Seconds() / (a.end.Sub(a.start) + b.end.Sub(b.start) - both).Seconds()
}

func within(a, b labelled) bool { return 2*common(a, b) >= a.end.Sub(a.start) }

func of(labels []labelled, track string) []labelled {
	return slices.DeleteFunc(slices.Clone(labels), func(l labelled) bool { return l.track != track })
}

func readLabels(t *testing.T, name string) (labels []labelled) {
	t.Helper()
	for _, row := range readRows(t, name) {
		l := labelled{track: row["track"], start: moment(t, row["start_time"]), end: moment(t, row["end_time"])}
		if row["lon"] != "" {
			l.place = orb.Point{number(t, row["lon"]), number(t, row["lat"])}
		}
		labels = append(labels, l)
	}
	return labels
}

func readRows(t *testing.T, name string) []map[string]string {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "stops", name))
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	return rowsOf(t, file, ',')
}

func rowsOf(t *testing.T, r io.Reader, comma rune) (rows []map[string]string) {
	t.Helper()
	reader := csv.NewReader(r)
	reader.Comma = comma
	all, err := reader.ReadAll()
	require.NoError(t, err)
	for _, record := range all[1:] {
		row := make(map[string]string, len(record))
		for i, name := range all[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return v
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	for _, layout := range []string{time.RFC3339, time.DateTime} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC()
		}
	}
	require.Fail(t, "no time", text)
	return time.Time{}
}

// readTracks gives the real tracks by the names that the labels use.
func readTracks(t *testing.T) func(track string, from, to time.Time) []derive.Seen {
	t.Helper()
	const folder = "../../../shared/data/trajectories"
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the real tracks are not beside the repository, in ../shared/data/trajectories")
	}
	all := map[string][]derive.Seen{}
	add := func(track, at, lon, lat string) {
		seen := derive.Seen{Time: moment(t, at), Position: orb.Point{number(t, lon), number(t, lat)}, Speed: math.NaN(), Accuracy: math.NaN()}
		seen.Received = seen.Time
		all[track] = append(all[track], seen)
	}
	for _, row := range readGzip(t, filepath.Join(folder, "geolife_user001_beijing.csv.gz")) {
		add("geolife", row["datetime"], row["lng"], row["lat"])
	}
	for _, row := range readGzip(t, filepath.Join(folder, "bus_route14_liverpool.csv.gz")) {
		add("bus/"+row["vehicle_id"], row["timestamp"], row["longitude"], row["latitude"])
	}
	for _, name := range []string{"00000000", "00000013"} {
		text, err := os.ReadFile(filepath.Join(folder, "kubicka_"+name+".track"))
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			at := time.Unix(0, int64(number(t, fields[2])*1e9)).UTC()
			add("kubicka/"+name, at.Format(time.RFC3339Nano), fields[0], fields[1])
		}
	}
	for _, track := range all {
		slices.SortStableFunc(track, func(a, b derive.Seen) int { return a.Time.Compare(b.Time) })
	}
	return func(track string, from, to time.Time) (fixes []derive.Seen) {
		name := track
		if strings.HasPrefix(track, "geolife/") {
			name = "geolife"
		}
		for _, fix := range all[name] {
			if n := len(fixes); !fix.Time.Before(from) && fix.Time.Before(to) && (n == 0 || fix.Time.After(fixes[n-1].Time)) {
				fixes = append(fixes, fix)
			}
		}
		require.NotEmpty(t, fixes, track)
		return fixes
	}
}

func readGzip(t *testing.T, path string) []map[string]string {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	unpacked, err := gzip.NewReader(file)
	require.NoError(t, err)
	return rowsOf(t, unpacked, ',')
}
