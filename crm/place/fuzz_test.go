package place

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzRows reads files of places: none brings it down, and each row that it takes is
// complete.
func FuzzRows(f *testing.F) {
	f.Add("id,name,country,lon,lat,name_zh\n1,Beijing,CN,116.39,39.9,北京\n")
	f.Add("\ufeffID,Name,Country,LON,lat\n1,\"A\nB\",,1,1")
	f.Add("id,name,country,lon,lat\n1,A,CN,1e400,1\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := newRows(strings.NewReader(text))
		if err != nil {
			require.ErrorIs(t, err, ErrFormat)
			return
		}
		for r.Next() {
			row, err := r.Values()
			require.NoError(t, err)
			require.Len(t, row, 5)
			require.NotEmpty(t, row[1])
		}
		if r.Err() != nil {
			require.ErrorIs(t, r.Err(), ErrFormat)
		}
	})
}
