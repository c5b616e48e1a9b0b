package tracking_test

import (
	"compress/gzip"
	"errors"
	"iter"
	"os"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/geo/corridor"
	"waybill/tracking"
	"waybill/tracking/trackfile"
)

func reportsOf(fixes trackfile.Fixes) iter.Seq2[tracking.Report, error] {
	return func(yield func(tracking.Report, error) bool) {
		for fix, err := range fixes {
			if !yield(tracking.Report{Fix: fix}, err) {
				return
			}
		}
	}
}

// geoLife is the real track of somebody in Beijing, who walked, drove and took trains.
func geoLife(t *testing.T) []tracking.Report {
	t.Helper()
	file, err := os.Open("../../shared/data/trajectories/geolife_user001_beijing.csv.gz")
	if err != nil {
		t.Skip("the GeoLife track is not beside the project: ", err)
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	require.NoError(t, err)
	var reports []tracking.Report
	for report, err := range reportsOf(trackfile.ReadCSV(unzipped, trackfile.Columns{})) {
		require.NoError(t, err)
		reports = append(reports, report)
	}
	return reports
}

func each(reports []tracking.Report) iter.Seq2[tracking.Report, error] {
	return func(yield func(tracking.Report, error) bool) {
		for _, report := range reports {
			if !yield(report, nil) {
				return
			}
		}
	}
}

// strayed is how far in metres a report that is not among the kept ones is from the line
// through these.
func strayed(t *testing.T, reports, kept []tracking.Report) float64 {
	t.Helper()
	most, next := 0.0, 0
	var leg *corridor.Corridor
	for _, report := range reports {
		if next < len(kept) && report.Fix.Time.Equal(kept[next].Fix.Time) {
			next++
			if next < len(kept) {
				var err error
				leg, err = corridor.New(orb.LineString{kept[next-1].Fix.Position, kept[next].Fix.Position}, 0)
				require.NoError(t, err)
			}
			continue
		}
		most = max(most, leg.Nearest(report.Fix.Position).Distance)
	}
	require.Equal(t, len(kept), next, "what is kept is of the track, and in its order")
	return most
}

func TestARealTrackIsDrawnWithFewPoints(t *testing.T) {
	t.Parallel()
	reports := geoLife(t)

	drawing, err := tracking.Draw(each(reports), 10, 100_000)
	require.NoError(t, err)
	require.EqualValues(t, len(reports), drawing.Count)
	require.Less(t, len(drawing.Reports), len(reports)/8)
	require.LessOrEqual(t, drawing.Deviation, 10.0)
	require.LessOrEqual(t, strayed(t, reports, drawing.Reports), drawing.Deviation+1e-3)

	few, err := tracking.Draw(each(reports), 10, 1000)
	require.NoError(t, err)
	require.Len(t, few.Reports, 1000)
	require.LessOrEqual(t, strayed(t, reports, few.Reports), few.Deviation+1e-3)

	var streamed []tracking.Report
	for report, err := range tracking.Simplified(each(reports), 10) {
		require.NoError(t, err)
		streamed = append(streamed, report)
	}
	require.Len(t, streamed, len(drawing.Reports))
}

func TestAnErrorEndsADrawing(t *testing.T) {
	t.Parallel()
	gone := errors.New("the database is away")
	failing := func(yield func(tracking.Report, error) bool) {
		if yield(tracking.Report{Fix: tracking.NewFix(time.Unix(0, 0), orb.Point{1, 1})}, nil) {
			yield(tracking.Report{}, gone)
		}
	}
	_, err := tracking.Draw(failing, 0, 10)
	require.ErrorIs(t, err, gone)
	var last error
	for _, err := range tracking.Simplified(failing, 10) {
		require.NoError(t, last, "there is something after an error")
		last = err
	}
	require.ErrorIs(t, last, gone)

	drawing, err := tracking.Draw(each(nil), 0, 10)
	require.NoError(t, err)
	require.Empty(t, drawing.Reports)
}
