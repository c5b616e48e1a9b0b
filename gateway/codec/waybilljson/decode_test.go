package waybilljson_test

import (
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/gateway/codec"
	"waybill/gateway/codec/codectest"
	"waybill/gateway/codec/waybilljson"
	"waybill/tracking"
)

func TestFrames(t *testing.T) {
	t.Parallel()
	codectest.Golden(t, waybilljson.Decode)
}

func FuzzDecode(f *testing.F) {
	for _, frame := range codectest.Frames(f) {
		f.Add(frame)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		parts, err := waybilljson.Decode(payload)
		codectest.Check(t, parts, err)
	})
}

func TestWhatIsEncodedIsDecoded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fixes := rapid.SliceOfN(rapid.Custom(fix), 1, 20).Draw(t, "fixes")
		payload, err := waybilljson.Encode(fixes)
		require.NoError(t, err)
		parts, err := waybilljson.Decode(payload)
		require.NoError(t, err)
		require.Len(t, parts, len(fixes))
		for i := range parts {
			require.NoError(t, parts[i].Err)
			again, err := waybilljson.Encode([]tracking.Fix{parts[i].Fix})
			require.NoError(t, err)
			same, err := waybilljson.Encode(fixes[i : i+1])
			require.NoError(t, err)
			require.JSONEq(t, string(same), string(again))
			// Each part is a message of its own, with the same fix in it: that is how it is replayed.
			alone, err := waybilljson.Decode(parts[i].Raw)
			require.NoError(t, err)
			require.Equal(t, parts[i].Fix.Time, alone[0].Fix.Time)
		}
	})
}

func fix(t *rapid.T) tracking.Fix {
	at := time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "time"))
	f := tracking.NewFix(at, orb.Point{rapid.Float64Range(-180, 180).Draw(t, "longitude"), rapid.Float64Range(-90, 90).Draw(t, "latitude")})
	if rapid.Bool().Draw(t, "moves") {
		f.Speed, f.Course = rapid.Float64Range(0, 100).Draw(t, "speed"), rapid.Float64Range(0, 360).Draw(t, "course")
		f.Satellites = rapid.IntRange(0, 40).Draw(t, "satellites")
		f.Attributes = map[string]any{"ignition": rapid.Bool().Draw(t, "ignition")}
	}
	return f
}

func TestTooManyFixes(t *testing.T) {
	t.Parallel()
	_, err := waybilljson.Decode([]byte("[" + strings.Repeat("1,", waybilljson.MaxFixes) + "1]"))
	require.ErrorIs(t, err, &codec.Error{Reason: codec.ReasonTooLarge})
}
