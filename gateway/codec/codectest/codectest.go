// Package codectest proves decoders of messages: each ships real frames in testdata (*.json) with what they say beside
// them (*.want), and is fuzzed from them. Decoders of texts have package texttest.
package codectest

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waybill/gateway/codec"
	"waybill/tracking"
)

// Golden decodes each testdata/*.json and compares with the .want beside it. With UPDATE_GOLDEN=1 it writes them instead.
func Golden(t *testing.T, decode codec.DecodeMessage) {
	t.Helper()
	names, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".json"), func(t *testing.T) {
			t.Parallel()
			frame, err := os.ReadFile(name)
			require.NoError(t, err)
			got := show(decode(frame))
			beside := strings.TrimSuffix(name, ".json") + ".want"
			if os.Getenv("UPDATE_GOLDEN") != "" {
				require.NoError(t, os.WriteFile(beside, []byte(got), 0o600))
				return
			}
			want, err := os.ReadFile(beside)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

// Frames gives the frames in testdata, to begin fuzzing with.
func Frames(tb testing.TB) [][]byte {
	tb.Helper()
	names, err := filepath.Glob("testdata/*.json")
	require.NoError(tb, err)
	frames := make([][]byte, 0, len(names))
	for _, name := range names {
		frame, err := os.ReadFile(name)
		require.NoError(tb, err)
		frames = append(frames, frame)
	}
	return frames
}

// Check proves that a decoder answered in the words of package codec, and that the fixes it gave can be stored.
func Check(t *testing.T, parts []codec.Part, err error) {
	t.Helper()
	if err != nil {
		require.Empty(t, parts)
		var broken *codec.Error
		require.True(t, errors.Is(err, codec.ErrNotMine) || errors.Is(err, codec.ErrNoFix) || errors.As(err, &broken), "a foreign error: %v", err)
		return
	}
	for _, p := range parts {
		if p.Err != nil {
			var broken *codec.Error
			require.ErrorAs(t, p.Err, &broken)
			continue
		}
		require.LessOrEqual(t, math.Abs(p.Fix.Position.Lat()), 90.0)
		require.LessOrEqual(t, math.Abs(p.Fix.Position.Lon()), 180.0)
		require.False(t, p.Fix.Time.IsZero())
		require.Equal(t, time.UTC, p.Fix.Time.Location())
		for _, v := range []float64{p.Fix.Altitude, p.Fix.Speed, p.Fix.Course, p.Fix.Accuracy} {
			require.False(t, math.IsInf(v, 0))
		}
	}
}

func show(parts []codec.Part, err error) string {
	switch {
	case err != nil:
		return "error " + err.Error() + "\n"
	case len(parts) == 0:
		return "no report\n"
	}
	var b strings.Builder
	for _, p := range parts {
		if p.Err != nil {
			b.WriteString("bad " + p.Err.Error() + "\n")
			continue
		}
		b.WriteString(showFix(p.Fix) + "\n")
	}
	return b.String()
}

func showFix(f tracking.Fix) string {
	words := []string{"fix", f.Time.Format(time.RFC3339Nano), fmt.Sprintf("lon=%.7g", f.Position.Lon()), fmt.Sprintf("lat=%.7g", f.Position.Lat())}
	for _, v := range []struct {
		name  string
		value float64
	}{{"altitude", f.Altitude}, {"speed", f.Speed}, {"course", f.Course}, {"accuracy", f.Accuracy}} {
		if !math.IsNaN(v.value) {
			words = append(words, fmt.Sprintf("%s=%.7g", v.name, v.value))
		}
	}
	if f.Satellites >= 0 {
		words = append(words, fmt.Sprintf("satellites=%d", f.Satellites))
	}
	var attributes []string
	for name, value := range f.Attributes {
		attributes = append(attributes, fmt.Sprintf("%s=%v", name, value))
	}
	slices.Sort(attributes)
	return strings.Join(append(words, attributes...), " ")
}
