package place_test

import (
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/crm"
	"waybill/crm/place"
	"waybill/internal/pgtest"
)

const file = `id,name,country,lon,lat,name_zh
1,Tromsø,NO,18.95,69.65,
2,Beijing,CN,116.39,39.9,北京
3,Suva,FJ,178.44,-18.14,
4,East of Tromsø,NO,20.10,69.65,
5,South of Tromsø,NO,18.95,69.15,
`

func TestNearest(t *testing.T) {
	t.Parallel()
	s := place.NewStore(pgtest.New(t))
	for range 2 { // the second time changes nothing
		n, err := s.Import(t.Context(), strings.NewReader(file))
		require.NoError(t, err)
		require.EqualValues(t, 5, n)
	}
	near, err := s.Nearest(t.Context(), orb.Point{116.40, 39.9}, "zh-CN")
	require.NoError(t, err)
	require.Equal(t, "北京", near.DisplayName)
	require.InDelta(t, 855, near.Distance, 10)
	require.InDelta(t, 90, near.Bearing, 1)
	near, err = s.Nearest(t.Context(), orb.Point{116.40, 39.9}, "en")
	require.NoError(t, err)
	require.Equal(t, "Beijing", near.DisplayName)

	// So far north a degree to the east is a third of one to the south: what is nearest
	// in degrees is not nearest in metres.
	near, err = s.Nearest(t.Context(), orb.Point{19.70, 69.40}, "en")
	require.NoError(t, err)
	require.Equal(t, "East of Tromsø", near.DisplayName)

	// Across the antimeridian.
	near, err = s.Nearest(t.Context(), orb.Point{-179.9, -18.14}, "en")
	require.NoError(t, err)
	require.Equal(t, "Suva", near.DisplayName)
	_, err = s.Nearest(t.Context(), orb.Point{0, 0}, "en")
	require.ErrorIs(t, err, crm.ErrNotFound)
}

func TestImportSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := place.NewStore(pgtest.New(t))
	for text, want := range map[string]string{
		"":                                       "first line",
		"id,name,lon,lat\n":                      "no column country",
		"id,name,country,lon,lat\n1,A,CN,181,0":  "line 2: lon",
		"id,name,country,lon,lat\n1,A,CN,1,NaN":  "line 2: lat",
		"id,name,country,lon,lat\n,A,CN,1,1":     "line 2: the id has 0 characters",
		"id,name,country,lon,lat\n1,,CN,1,1":     "name is empty",
		"id,name,country,lon,lat\n1,A,CN,1,1,9,": "wrong number of fields",
	} {
		_, err := s.Import(t.Context(), strings.NewReader(text))
		require.ErrorIs(t, err, place.ErrFormat, text)
		require.ErrorContains(t, err, want)
	}
	// A row that comes twice counts once, the last one.
	_, err := s.Import(t.Context(), strings.NewReader("id,name,country,lon,lat\n1,A,CN,1,1\n1,B,CN,1,1\n"))
	require.NoError(t, err)
	near, err := s.Nearest(t.Context(), orb.Point{1, 1}, "en")
	require.NoError(t, err)
	require.Equal(t, "B", near.DisplayName)
}
