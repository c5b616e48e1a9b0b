package export_test

import (
	"bytes"
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

	"waybill/tracking"
	"waybill/tracking/export"
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

func TestGeoJSONIsJSON(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	require.NoError(t, export.GeoJSON(&file, "a\"b\x00", each(track())))
	require.True(t, json.Valid(file.Bytes()))
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
