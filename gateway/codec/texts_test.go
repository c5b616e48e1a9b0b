package codec_test

import (
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/gateway/codec"
	"waybill/tracking"
)

func says(answer error) codec.DecodeText {
	return func(string, *time.Location) ([]tracking.Fix, error) { return nil, answer }
}

func TestTextsFirstThatKnowsDecides(t *testing.T) {
	t.Parallel()
	broken := &codec.Error{Reason: codec.ReasonTime, Detail: "31 February"}
	found := func(_ string, zone *time.Location) ([]tracking.Fix, error) {
		require.Equal(t, time.UTC, zone, "no zone means UTC")
		return []tracking.Fix{tracking.NewFix(time.Unix(1, 0), orb.Point{1, 2})}, nil
	}
	other := codec.Text{Name: "other", Decode: says(codec.ErrNotMine)}

	for _, c := range []struct {
		name  string
		texts codec.Texts
		by    string
		want  error
		fixes int
	}{
		{"nobody", codec.Texts{other}, "", codec.ErrNotMine, 0},
		{"no list", nil, "", codec.ErrNotMine, 0},
		{"second", codec.Texts{other, {Name: "mine", Decode: found}}, "mine", nil, 1},
		{"no fix ends the search", codec.Texts{{Name: "a", Decode: says(codec.ErrNoFix)}, {Name: "b", Decode: found}}, "a", codec.ErrNoFix, 0},
		{"broken ends the search", codec.Texts{{Name: "a", Decode: says(broken)}, {Name: "b", Decode: found}}, "a", broken, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			by, fixes, err := c.texts.Decode("x", nil)
			require.ErrorIs(t, err, c.want)
			require.Equal(t, c.by, by)
			require.Len(t, fixes, c.fixes)
		})
	}
}

func TestTextsRefuseWhatIsTooLong(t *testing.T) {
	t.Parallel()
	_, _, err := codec.Texts{}.Decode(strings.Repeat("x", codec.MaxText+1), nil)
	require.ErrorIs(t, err, &codec.Error{Reason: codec.ReasonTooLarge})
}

func TestPoint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lat, lon string
		want     orb.Point
		is       error
	}{
		{"-22.5", "114.25", orb.Point{114.25, -22.5}, nil},
		{"N22.5", "E114.25", orb.Point{114.25, 22.5}, nil},
		{"22.5s", "114.25 W", orb.Point{-114.25, -22.5}, &codec.Error{Reason: codec.ReasonNumber}},
		{"22.5S", "114.25W", orb.Point{-114.25, -22.5}, nil},
		{"S-22.5", "0", orb.Point{}, &codec.Error{Reason: codec.ReasonNumber}},
		{"NS22.5", "0", orb.Point{}, &codec.Error{Reason: codec.ReasonNumber}},
		{"91", "0", orb.Point{}, &codec.Error{Reason: codec.ReasonPosition}},
		{"0", "-180.1", orb.Point{}, &codec.Error{Reason: codec.ReasonPosition}},
		{"NaN", "0", orb.Point{}, &codec.Error{Reason: codec.ReasonNumber}},
		{"", "0", orb.Point{}, &codec.Error{Reason: codec.ReasonNumber}},
	} {
		got, err := codec.Point(c.lat, c.lon)
		if c.is != nil {
			require.ErrorIs(t, err, c.is, "%s %s", c.lat, c.lon)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
}
