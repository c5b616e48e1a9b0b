// Package texttest proves decoders of texts: each ships real messages in testdata, with what they say beside them, and
// is fuzzed from them.
package texttest

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/codec"
	"waybill/tracking"
)

// golden is what a message says, as it stands in testdata/<name>.json. Unknown values are left out.
type golden struct {
	Zone  string `json:"zone,omitempty"`  // The unit's; UTC when empty. Given by hand, not written.
	Error string `json:"error,omitempty"` // "not_mine", "no_fix", or the reason.
	Alarm string `json:"alarm,omitempty"` // Of a text without a fix.
	Fixes []fix  `json:"fixes,omitempty"`
}

type fix struct {
	Time       time.Time      `json:"time"`
	Longitude  float64        `json:"longitude"`
	Latitude   float64        `json:"latitude"`
	Altitude   *float64       `json:"altitude,omitempty"`
	Speed      *float64       `json:"speed,omitempty"` // m/s, to the millimetre.
	Course     *float64       `json:"course,omitempty"`
	Satellites *int           `json:"satellites,omitempty"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

// Golden decodes each testdata/*.txt and compares with the .json beside it. With UPDATE_GOLDEN=1 it writes them instead.
func Golden(t *testing.T, decode codec.DecodeText) {
	t.Helper()
	names, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			beside := strings.TrimSuffix(name, ".txt") + ".json"
			var want golden
			if raw, err := os.ReadFile(beside); err == nil {
				require.NoError(t, json.Unmarshal(raw, &want))
			}
			zone, err := time.LoadLocation(want.Zone)
			require.NoError(t, err)
			fixes, err := decode(strings.TrimSuffix(string(text), "\n"), zone)
			got, err := json.MarshalIndent(result(want.Zone, fixes, err), "", "  ")
			require.NoError(t, err)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				require.NoError(t, os.WriteFile(beside, append(got, '\n'), 0o600))
				return
			}
			expected, err := json.MarshalIndent(want, "", "  ")
			require.NoError(t, err)
			require.JSONEq(t, string(expected), string(got))
		})
	}
}

func result(zone string, fixes []tracking.Fix, err error) golden {
	out := golden{Zone: zone, Error: name(err)}
	if unlocated := (*codec.Unlocated)(nil); errors.As(err, &unlocated) {
		out.Alarm = unlocated.Alarm
	}
	for _, f := range fixes {
		g := fix{
			Time: f.Time, Longitude: f.Position.Lon(), Latitude: f.Position.Lat(),
			Altitude: known(f.Altitude), Speed: known(f.Speed), Course: known(f.Course), Attributes: f.Attributes,
		}
		if f.Satellites >= 0 {
			g.Satellites = &f.Satellites
		}
		out.Fixes = append(out.Fixes, g)
	}
	return out
}

func name(err error) string {
	var broken *codec.Error
	switch {
	case err == nil:
		return ""
	case errors.Is(err, codec.ErrNotMine):
		return "not_mine"
	case errors.Is(err, codec.ErrNoFix):
		return "no_fix"
	case errors.As(err, &broken):
		return string(broken.Reason)
	}
	return err.Error()
}

func known(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	v = math.Round(v*1000) / 1000
	return &v
}

// Fuzz feeds the decoder anything, beginning with testdata: it must answer in the words of package codec, and what it
// gives must be a fix that can be stored.
func Fuzz(f *testing.F, decode codec.DecodeText) {
	f.Helper()
	names, err := filepath.Glob("testdata/*.txt")
	require.NoError(f, err)
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(string(text))
	}
	zone := time.FixedZone("east", 8*3600)
	f.Fuzz(func(t *testing.T, text string) {
		fixes, err := decode(text, zone)
		if err != nil {
			var broken *codec.Error
			require.True(t, errors.Is(err, codec.ErrNotMine) || errors.Is(err, codec.ErrNoFix) || errors.As(err, &broken), "a foreign error: %v", err)
			require.Empty(t, fixes)
			return
		}
		require.NotEmpty(t, fixes, "no error and no fix")
		for _, f := range fixes {
			require.LessOrEqual(t, math.Abs(f.Position.Lat()), 90.0)
			require.LessOrEqual(t, math.Abs(f.Position.Lon()), 180.0)
			require.False(t, codec.IsNowhere(f.Position))
			require.False(t, f.Time.IsZero())
			require.Equal(t, time.UTC, f.Time.Location())
			require.False(t, math.IsInf(f.Speed, 0) || f.Speed < 0, "speed %v", f.Speed)
			require.False(t, math.IsInf(f.Course, 0) || f.Course < 0 || f.Course > 360, "course %v", f.Course)
			_, err := json.Marshal(f.Attributes)
			require.NoError(t, err)
		}
	})
}
