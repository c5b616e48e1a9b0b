package tracking

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// What is written the fast way reads as what encoding/json writes.
func TestFlatAttributesAreJSON(t *testing.T) {
	t.Parallel()
	scalar := rapid.OneOf(
		rapid.Just[any](nil), rapid.Map(rapid.Bool(), func(v bool) any { return v }),
		rapid.Map(rapid.Float64(), func(v float64) any { return v }), rapid.Map(rapid.Int(), func(v int) any { return v }),
		rapid.Map(rapid.String(), func(v string) any { return v }), rapid.Just[any]([]any{1.0}),
	)
	rapid.Check(t, func(rt *rapid.T) {
		attributes := rapid.MapOfN(rapid.String(), scalar, 0, 5).Draw(rt, "attributes")
		flat, ok := appendFlat(nil, attributes)
		if !ok {
			return
		}
		want, err := json.Marshal(attributes)
		require.NoError(rt, err)
		require.JSONEq(rt, string(want), string(flat))
	})
	_, ok := appendFlat(nil, map[string]any{"x": math.Inf(1)})
	require.False(t, ok)
	flat, ok := appendFlat(nil, map[string]any{"ignition": true, "battery_percent": 87.5, "state": "on", "n": -3})
	require.True(t, ok)
	require.JSONEq(t, `{"battery_percent":87.5,"ignition":true,"n":-3,"state":"on"}`, string(flat))
	again, _ := appendFlat(nil, map[string]any{"state": "on", "n": -3, "battery_percent": 87.5, "ignition": true})
	require.Equal(t, flat, again, "the same bytes whenever it comes")
}

func BenchmarkAttributes(b *testing.B) {
	attributes := map[string]any{"battery_percent": 87.0, "ignition": true, "hdop": 0.9, "state": "on"}
	b.Run("flat", func(b *testing.B) {
		var room []byte
		for b.Loop() {
			room, _ = appendFlat(room[:0], attributes)
		}
	})
	b.Run("json", func(b *testing.B) {
		for b.Loop() {
			if _, err := json.Marshal(attributes); err != nil {
				b.Fatal(err)
			}
		}
	})
}
