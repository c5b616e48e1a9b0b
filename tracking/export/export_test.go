package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/tracking"
	"waybill/tracking/export"
	"waybill/tracking/trackfile"
)

// updateGolden, when set in the environment, writes the golden files anew.
const updateGolden = "UPDATE_GOLDEN"

// track says all, nothing but the least, and what is awkward.
func track() []tracking.Fix {
	at := time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC)
	full := tracking.NewFix(at, orb.Point{116.39701234567891, 39.90801234567891})
	full.Altitude, full.Speed, full.Course, full.Accuracy, full.Satellites = 43.5, float64(float32(3.6)), 359.5, 4, 9
	full.Attributes = map[string]any{"battery": 0.5, "note": `he said "go", <now> & left`}
	bare := tracking.NewFix(at.Add(time.Microsecond), orb.Point{-0.00001, -90})
	edge := tracking.NewFix(at.Add(1500*time.Millisecond), orb.Point{180, 0})
	edge.Course, edge.Satellites, edge.Altitude = 0, 0, -12.25
	return []tracking.Fix{full, bare, edge}
}

func each(fixes []tracking.Fix) export.Fixes {
	return func(yield func(tracking.Fix, error) bool) {
		for _, fix := range fixes {
			if !yield(fix, nil) {
				return
			}
		}
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, format := range export.Formats() {
		for name, fixes := range map[string][]tracking.Fix{"track": track(), "empty": nil} {
			t.Run(name+"."+format.Name, func(t *testing.T) {
				t.Parallel()
				var got bytes.Buffer
				require.NoError(t, format.Write(&got, `Truck <1> & "more"`, each(fixes)))
				path := filepath.Join("testdata", name+"."+format.Name)
				if os.Getenv(updateGolden) != "" {
					require.NoError(t, os.WriteFile(path, got.Bytes(), 0o600))
				}
				want, err := os.ReadFile(path)
				require.NoError(t, err)
				require.Equal(t, string(want), got.String())
			})
		}
	}
}

func drawTrack(t *rapid.T) []tracking.Fix {
	at := time.Unix(rapid.Int64Range(3e8, 4e9).Draw(t, "start"), 0)
	fixes := make([]tracking.Fix, rapid.IntRange(0, 30).Draw(t, "count"))
	for i := range fixes {
		at = at.Add(time.Duration(rapid.Int64Range(1, 1e10).Draw(t, "step")) * time.Microsecond)
		fixes[i] = tracking.NewFix(at, orb.Point{
			rapid.Float64Range(-180, 179.9999999).Draw(t, "lon"), rapid.Float64Range(-90, 90).Draw(t, "lat"),
		})
		if rapid.Bool().Draw(t, "has altitude") {
			fixes[i].Altitude = float64(rapid.Float32Range(-1e4, 1e5).Draw(t, "altitude"))
		}
	}
	return fixes
}

func TestGPXReadsBackEqual(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawTrack(t)
		var file bytes.Buffer
		if err := export.GPX(&file, "track", each(want)); err != nil {
			t.Fatal(err)
		}
		i := 0
		for got, err := range trackfile.ReadGPX(&file) {
			if err != nil {
				t.Fatal(err)
			}
			same := got.Time.Equal(want[i].Time) && got.Position == want[i].Position
			if !same {
				t.Fatalf("fix %d: got %+v, want %+v", i, got, want[i])
			}
			i++
		}
		if i != len(want) {
			t.Fatalf("%d fixes came back of %d", i, len(want))
		}
	})
}

type featureCollection struct {
	Features []struct {
		Geometry   struct{ Coordinates []float64 }
		Properties struct {
			FixTime string `json:"fix_time"`
		}
	}
}

func TestGeoJSONAndCSVReadBackEqual(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawTrack(t)
		var file, table bytes.Buffer
		if err := errors.Join(export.GeoJSON(&file, "track", each(want)), export.CSV(&table, each(want))); err != nil {
			t.Fatal(err)
		}
		var collection featureCollection
		if err := json.Unmarshal(file.Bytes(), &collection); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&table).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(collection.Features) != len(want) || len(rows) != len(want)+1 {
			t.Fatalf("%d features and %d rows for %d fixes", len(collection.Features), len(rows), len(want))
		}
		for i, feature := range collection.Features {
			at := want[i].Time.Format(time.RFC3339Nano)
			point := orb.Point(feature.Geometry.Coordinates[:2])
			if point != want[i].Position || feature.Properties.FixTime != at || rows[i+1][0] != at {
				t.Fatalf("fix %d: %+v", i, feature)
			}
		}
	})
}

func TestGeoJSONIsJSON(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	require.NoError(t, export.GeoJSON(&file, "a\"b\x00", each(track())))
	require.True(t, json.Valid(file.Bytes()))
}

func TestWritersKeepNothing(t *testing.T) {
	t.Parallel()
	for _, format := range export.Formats() {
		t.Run(format.Name, func(t *testing.T) {
			t.Parallel()
			counter := &countingWriter{}
			waiting := 0
			const count = 100_000
			err := format.Write(counter, "", func(yield func(tracking.Fix, error) bool) {
				before := 0
				for range count / len(track()) {
					for _, fix := range track() {
						if !yield(fix, nil) {
							return
						}
					}
					if counter.n == before {
						waiting++
					} else {
						before, waiting = counter.n, 0
					}
					require.Less(t, waiting, 100, "what was yielded is not written")
				}
			})
			require.NoError(t, err)
		})
	}
}

type countingWriter struct{ n int }

func (w *countingWriter) Write(p []byte) (int, error) {
	w.n += len(p)
	return len(p), nil
}

func TestErrorsAreReturned(t *testing.T) {
	t.Parallel()
	gone := errors.New("the database is away")
	failing := func(yield func(tracking.Fix, error) bool) {
		if yield(track()[0], nil) {
			yield(tracking.Fix{}, gone)
		}
	}
	for _, format := range export.Formats() {
		t.Run(format.Name, func(t *testing.T) {
			t.Parallel()
			require.ErrorIs(t, format.Write(io.Discard, "", failing), gone)
			reader, writer := io.Pipe()
			require.NoError(t, reader.Close())
			require.ErrorIs(t, format.Write(writer, "", each(track())), io.ErrClosedPipe)
		})
	}
}

func TestUnknownValuesAreLeftOut(t *testing.T) {
	t.Parallel()
	fix := tracking.NewFix(time.Unix(0, 0), orb.Point{1, 2})
	fix.Speed = math.Inf(1)
	for _, format := range export.Formats() {
		var file bytes.Buffer
		require.NoError(t, format.Write(&file, "", each([]tracking.Fix{fix})))
		require.NotContains(t, file.String(), "NaN")
		require.NotContains(t, file.String(), "Inf")
	}
}

func BenchmarkGPX(b *testing.B) {
	some := track()
	fixes := func(yield func(tracking.Fix, error) bool) {
		for i := 0; b.Loop(); i++ {
			if !yield(some[i%len(some)], nil) {
				return
			}
		}
	}
	if err := export.GPX(io.Discard, "", fixes); err != nil {
		b.Fatal(err)
	}
}
