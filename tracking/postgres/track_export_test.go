package postgres_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/tracking"
	"waybill/tracking/export"
	"waybill/tracking/postgres"
	"waybill/tracking/trackfile"
)

// paged is a history that counts its pages.
type paged struct {
	*postgres.History
	pages, largest int
}

func (p *paged) FixPage(ctx context.Context, query tracking.FixQuery) ([]tracking.Report, error) {
	page, err := p.History.FixPage(ctx, query)
	p.pages++
	p.largest = max(p.largest, len(page))
	return page, err
}

func TestALongTrackIsExportedPageByPage(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	const each = 30_000 // a fix a second: more than eight hours
	require.NoError(t, s.registry.FitDevice(t.Context(), fit("a", "x", 0)))
	require.NoError(t, s.registry.FitDevice(t.Context(), fit("a", "y", 10)))
	require.NoError(t, s.registry.FitDevice(t.Context(), fit("b", "x", 10)))
	s.drive(t, "a", 0, each)
	s.drive(t, "b", 10, each)
	s.drive(t, "a", 11, 10) // on the other vehicle

	for name, read := range map[string]func(io.Reader) trackfile.Fixes{
		"gpx": trackfile.ReadGPX,
		"csv": func(r io.Reader) trackfile.Fixes { return trackfile.ReadCSV(r, trackfile.Columns{}) },
	} {
		history := &paged{History: s.history}
		reader, writer := io.Pipe()
		go func() {
			writer.CloseWithError(write(writer, name, tracking.Track(t.Context(), history, tracking.TrackQuery{Vehicle: "x"})))
		}()
		n := 0
		for fix, err := range read(reader) {
			require.NoError(t, err)
			hour, second := 0, n
			if n >= each {
				hour, second = 10, n-each
			}
			require.Equal(t, at(hour).Add(time.Duration(second)*time.Second), fix.Time)
			require.InDelta(t, float64(second)/1e5, fix.Position.Lon(), 1e-15)
			n++
		}
		require.Equal(t, 2*each, n, name)
		require.Equal(t, 14, history.pages, "a page beyond the end tells that it is the end")
		require.LessOrEqual(t, history.largest, 5_000)
	}
}

// write writes a track in the format of the name.
func write(w io.Writer, name string, track func(func(tracking.Report, error) bool)) error {
	fixes := func(yield func(tracking.Fix, error) bool) {
		track(func(report tracking.Report, err error) bool { return yield(report.Fix, err) })
	}
	for _, format := range export.Formats() {
		if format.Name == name {
			return format.Write(w, "x", fixes)
		}
	}
	return tracking.ErrNotFound
}
