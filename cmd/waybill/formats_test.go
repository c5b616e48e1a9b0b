package main

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway"
	"waybill/gateway/codec"
	"waybill/tracking"
)

// example is a line of testdata/texts.json: what a unit sends, and what it says.
type example struct {
	Name, Format string
	// Text is what came; of an 8-bit message Hex is.
	Text, Hex string
	// Zone is that of the device; UTC when empty.
	Zone  string
	Fixes []struct {
		Time                    time.Time
		Longitude, Latitude     float64
		Altitude, Speed, Course *float64
		Satellites              *int
		Attributes              map[string]any
	}
	// Alarm is of a text that raises one and holds no fix; Error is not_mine for one that is no report.
	Alarm, Error string
}

func examples(t *testing.T) []example {
	t.Helper()
	table, err := os.ReadFile("testdata/texts.json")
	require.NoError(t, err)
	var all []example
	require.NoError(t, json.Unmarshal(table, &all))
	return all
}

// decode has all formats try the example, in the way of [gateway.Texts].
func (e *example) decode(t *testing.T) (format string, fixes []tracking.Fix, err error) {
	t.Helper()
	zone, err := time.LoadLocation(e.Zone)
	require.NoError(t, err)
	payload := []byte(e.Text)
	if e.Hex != "" {
		payload, err = hex.DecodeString(e.Hex)
		require.NoError(t, err)
	}
	texts := gateway.Texts{Formats: textFormats(), Binaries: binaryFormats()}
	return texts.Decode(payload, zone)
}

func TestExampleTexts(t *testing.T) {
	t.Parallel()
	shown := make(map[string]bool)
	for _, e := range examples(t) {
		shown[e.Format] = true
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			format, fixes, err := e.decode(t)
			require.Equal(t, e.Format, format)
			switch unlocated := (*codec.Unlocated)(nil); {
			case e.Alarm != "":
				require.ErrorIs(t, err, codec.ErrNoFix)
				require.ErrorAs(t, err, &unlocated)
				require.Equal(t, e.Alarm, unlocated.Alarm)
			case e.Error != "":
				require.ErrorIs(t, err, codec.ErrNotMine)
			default:
				require.NoError(t, err)
			}
			require.Len(t, fixes, len(e.Fixes))
			for i, want := range e.Fixes {
				got := fixes[i]
				require.Equal(t, want.Time, got.Time)
				require.InDelta(t, want.Longitude, got.Position.Lon(), 5e-6)
				require.InDelta(t, want.Latitude, got.Position.Lat(), 5e-6)
				same(t, want.Altitude, got.Altitude)
				same(t, want.Speed, got.Speed)
				same(t, want.Course, got.Course)
				if want.Satellites != nil {
					require.Equal(t, *want.Satellites, got.Satellites)
				}
				require.Equal(t, want.Attributes, got.Attributes)
			}
		})
	}
	for _, f := range textFormats() {
		require.True(t, shown[f.Name], "there is no example of %s", f.Name)
	}
	for _, f := range binaryFormats() {
		require.True(t, shown[f.Name], "there is no example of %s", f.Name)
	}
}

// same compares a value, which is unknown where the example has none.
func same(t *testing.T, want *float64, got float64) {
	t.Helper()
	if want == nil {
		require.True(t, math.IsNaN(got), "%v is not known", got)
		return
	}
	require.InDelta(t, *want, got, 1e-6)
}
