package export_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"waybill/tracking"
	"waybill/tracking/export"
	"waybill/tracking/trackfile"
)

// drawTrack draws fixes as they are stored: most values at the resolution of a float32.
func drawTrack(t *rapid.T) []tracking.Fix {
	at := time.Unix(rapid.Int64Range(3e8, 4e9).Draw(t, "start"), 0).UTC()
	fixes := make([]tracking.Fix, rapid.IntRange(0, 30).Draw(t, "count"))
	value := func(name string, low, high float32) float64 {
		if rapid.Bool().Draw(t, "without "+name) {
			return math.NaN()
		}
		return float64(rapid.Float32Range(low, high).Draw(t, name))
	}
	for i := range fixes {
		at = at.Add(time.Duration(rapid.Int64Range(1, 1e10).Draw(t, "step")) * time.Microsecond)
		fix := tracking.NewFix(at, orb.Point{
			rapid.Float64Range(-180, 180).Draw(t, "lon"), rapid.Float64Range(-90, 90).Draw(t, "lat"),
		})
		fix.Altitude, fix.Speed = value("altitude", -1e4, 1e5), value("speed", 0, 400)
		fix.Course, fix.Accuracy = value("course", 0, 360), value("accuracy", 0, 1e6)
		fix.Satellites = rapid.IntRange(-1, 40).Draw(t, "satellites")
		if n := rapid.IntRange(0, 2).Draw(t, "attributes"); n > 0 {
			fix.Attributes = map[string]any{"text": rapid.String().Draw(t, "text")}
			if n > 1 {
				fix.Attributes["number"] = rapid.Float64().Draw(t, "number")
			}
		}
		fixes[i] = fix
	}
	return fixes
}

// same says whether two fixes are equal as they are stored.
func same(a, b tracking.Fix) bool {
	stored := func(v float64) uint32 {
		if math.IsNaN(v) {
			return math.Float32bits(float32(math.NaN()))
		}
		return math.Float32bits(float32(v))
	}
	for _, pair := range [][2]float64{{a.Altitude, b.Altitude}, {a.Speed, b.Speed}, {a.Course, b.Course}, {a.Accuracy, b.Accuracy}} {
		if stored(pair[0]) != stored(pair[1]) {
			return false
		}
	}
	return a.Time.Equal(b.Time) && a.Position == b.Position && a.Satellites == b.Satellites &&
		len(a.Attributes) == len(b.Attributes) && (len(a.Attributes) == 0 || reflect.DeepEqual(a.Attributes, b.Attributes))
}

// readsBack writes the track, reads it, and wants each fix as carried makes it.
func readsBack(
	t *rapid.T, write func(io.Writer, string, export.Fixes) error, read func(io.Reader) trackfile.Fixes, carried func(tracking.Fix) tracking.Fix,
) {
	want := drawTrack(t)
	var file bytes.Buffer
	if err := write(&file, "track", each(want)); err != nil {
		t.Fatal(err)
	}
	i := 0
	for got, err := range read(&file) {
		if err != nil {
			t.Fatal(err)
		}
		if i >= len(want) || !same(got, carried(want[i])) {
			t.Fatalf("fix %d: got %+v, of %+v", i, got, want)
		}
		i++
	}
	if i != len(want) {
		t.Fatalf("%d fixes came back of %d", i, len(want))
	}
}

func TestGPXReadsBackEqual(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		readsBack(t, export.GPX, trackfile.ReadGPX, func(fix tracking.Fix) tracking.Fix {
			fix.Accuracy, fix.Attributes = math.NaN(), nil
			if fix.Position[0] == 180 {
				fix.Position[0] = -180 // the same meridian, as GPX writes it
			}
			return fix
		})
	})
}

func TestCSVReadsBackEqual(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		readsBack(t,
			func(w io.Writer, _ string, fixes export.Fixes) error { return export.CSV(w, fixes) },
			func(r io.Reader) trackfile.Fixes { return trackfile.ReadCSV(r, trackfile.Columns{}) },
			func(fix tracking.Fix) tracking.Fix { return fix })
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

func TestGeoJSONReadsBackEqual(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawTrack(t)
		var file bytes.Buffer
		if err := export.GeoJSON(&file, "track", each(want)); err != nil {
			t.Fatal(err)
		}
		var collection featureCollection
		if err := json.Unmarshal(file.Bytes(), &collection); err != nil {
			t.Fatal(err)
		}
		if len(collection.Features) != len(want) {
			t.Fatalf("%d features for %d fixes", len(collection.Features), len(want))
		}
		for i, feature := range collection.Features {
			point := orb.Point(feature.Geometry.Coordinates[:2])
			if point != want[i].Position || feature.Properties.FixTime != want[i].Time.Format(time.RFC3339Nano) {
				t.Fatalf("fix %d: %+v", i, feature)
			}
		}
	})
}
