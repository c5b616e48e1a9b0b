package codec4_test

import (
	"encoding/binary"
	"encoding/hex"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/gateway/codec"
	"waybill/gateway/codec/codec4"
	"waybill/gateway/codec/codectest"
	"waybill/tracking"
)

const example = "04C0743932C00000804CEC6B018E0200000140E9D530E7A8"

func fromHex(tb testing.TB, s string) []byte {
	tb.Helper()
	data, err := hex.DecodeString(s)
	require.NoError(tb, err)
	return data
}

func TestExample(t *testing.T) {
	t.Parallel()
	fixes, err := codec4.Decode(fromHex(t, example))
	require.NoError(t, err)
	require.Len(t, fixes, 1)
	require.Equal(t, time.Date(2026, 9, 13, 14, 50, 40, 0, time.UTC), fixes[0].Time)
	require.InDelta(t, 24.96191, fixes[0].Position.Lat(), 5e-6)
	require.InDelta(t, 67.06719, fixes[0].Position.Lon(), 5e-6)
	require.Zero(t, fixes[0].Speed)
	require.Equal(t, map[string]any{"imei": "352848025020328"}, fixes[0].Attributes)
}

// writer writes what Decode reads.
type writer struct {
	data []byte
	n    int
}

func (w *writer) put(v uint64, width int) {
	for i := range width {
		if w.n%8 == 0 {
			w.data = append(w.data, 0)
		}
		w.data[w.n/8] |= byte(v>>i&1) << (w.n % 8)
		w.n++
	}
}

func (w *writer) signed(v int64, width int) { w.put(uint64(v), width) } //nolint:gosec // wrong ones are meant to wrap

// element is a position in the message's units.
type element struct {
	valid     bool
	lon, lat  int64
	speed     uint64
	different bool // written as a difference
}

func write(seconds int64, elements []element, imei uint64) []byte {
	var w writer
	w.put(4, 8)
	w.signed(seconds, 35)
	w.put(uint64(len(elements)), 5)
	var last element
	for _, e := range elements {
		if !e.valid {
			w.put(0, 1)
			continue
		}
		w.put(1, 1)
		if e.different {
			w.put(1, 1)
			w.signed(last.lon-e.lon+1<<13-1, 14)
			w.signed(last.lat-e.lat+1<<13-1, 14)
		} else {
			w.put(0, 1)
			w.signed(e.lon, 21)
			w.signed(e.lat, 20)
		}
		w.put(e.speed, 8)
		last = e
	}
	return binary.BigEndian.AppendUint64(w.data, imei)
}

// TestWhatIsWrittenIsRead has a day with holes, told in both ways.
func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.Int64Range(1, 1<<31).Draw(t, "seconds")
		elements := make([]element, rapid.IntRange(0, 24).Draw(t, "count"))
		var last element
		var want []tracking.Fix
		newest := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(seconds) * time.Second)
		for i := range elements {
			if !rapid.Bool().Draw(t, "valid") {
				continue
			}
			e := element{
				valid: true, lon: rapid.Int64Range(1, 1<<20-9000).Draw(t, "lon"), lat: rapid.Int64Range(1, 1<<19-9000).Draw(t, "lat"),
				speed: rapid.Uint64Range(0, 255).Draw(t, "speed"),
			}
			if last.valid && rapid.Bool().Draw(t, "different") {
				e.different = true
				e.lon = max(0, last.lon+rapid.Int64Range(-8192, 8191).Draw(t, "dlon"))
				e.lat = max(0, last.lat+rapid.Int64Range(-8192, 8191).Draw(t, "dlat"))
			}
			elements[i], last = e, e
			fix := tracking.NewFix(newest.Add(time.Duration(i-len(elements)+1)*time.Hour),
				orb.Point{float64(e.lon)*360/(1<<21-1) - 180, float64(e.lat)*180/(1<<20-1) - 90})
			fix.Speed = float64(e.speed) * codec.KilometrePerHour
			fix.Attributes = map[string]any{"imei": "352848025020328"}
			want = append(want, fix)
		}
		fixes, err := codec4.Decode(write(seconds, elements, 352848025020328))
		if len(want) == 0 {
			require.ErrorIs(t, err, codec.ErrNoFix)
			return
		}
		require.NoError(t, err)
		require.Len(t, fixes, len(want))
		for i := range want {
			require.Equal(t, want[i].Time, fixes[i].Time)
			require.Equal(t, want[i].Position, fixes[i].Position)
			require.InDelta(t, want[i].Speed, fixes[i].Speed, 0)
			require.Equal(t, want[i].Attributes, fixes[i].Attributes)
		}
	})
}

func TestWhatIsNotWholeIsRefused(t *testing.T) {
	t.Parallel()
	whole := fromHex(t, example)
	for n := 1; n < len(whole); n++ {
		_, err := codec4.Decode(whole[:n])
		var broken *codec.Error
		require.ErrorAs(t, err, &broken, "%d bytes", n)
	}
	_, err := codec4.Decode(append(whole, 0))
	require.ErrorIs(t, err, &codec.Error{Reason: codec.ReasonNumber}, "the IMEI is another")

	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"nothing":               {nil, codec.ErrNotMine},
		"codec 8":               {append([]byte{8}, whole[1:]...), codec.ErrNotMine},
		"text":                  {[]byte("lat:1 long:2"), codec.ErrNotMine},
		"difference from none":  {write(1, []element{{valid: true, different: true}}, 1), &codec.Error{Reason: codec.ReasonSyntax}},
		"31 positions":          {write(1, make([]element, 31), 1), &codec.Error{Reason: codec.ReasonSyntax}},
		"IMEI of 20 digits":     {write(1, nil, 1<<63), &codec.Error{Reason: codec.ReasonNumber}},
		"off the Earth":         {write(1, []element{{valid: true, lon: 5}, {valid: true, lon: -5, different: true}}, 1), &codec.Error{Reason: codec.ReasonPosition}},
		"no position at all":    {write(1, make([]element, 24), 1), codec.ErrNoFix},
		"only where nothing is": {write(1, []element{{valid: true, lon: 1 << 20, lat: 1 << 19}}, 1), codec.ErrNoFix},
	} {
		_, err := codec4.Decode(c.data)
		require.ErrorIs(t, err, c.want, name)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(fromHex(f, example))
	day := make([]element, 24)
	for i := range day {
		day[i] = element{valid: true, lon: 1_400_000 + 37*int64(i), lat: 700_000 - 11*int64(i), speed: 60, different: i > 0}
	}
	f.Add(write(842_626_240, day, 352848025020328))
	f.Fuzz(func(t *testing.T, data []byte) {
		fixes, err := codec4.Decode(data)
		codectest.Check(t, codec.Parts(fixes), err)
		require.LessOrEqual(t, len(fixes), 24)
		for _, fix := range fixes {
			require.False(t, codec.IsNowhere(fix.Position))
		}
	})
}
