package web_test

import (
	"encoding/csv"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/web"
)

func TestPlaces(t *testing.T) {
	t.Parallel()
	if !web.Built() {
		_, err := web.Places()
		require.ErrorIs(t, err, web.ErrNotBuilt)
		t.Skip("the pages are not built: run `make web`")
	}
	file, err := web.Places()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })

	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"id", "name", "country", "lon", "lat"}, rows[0])
	require.Greater(t, len(rows), 100_000)

	ids := make(map[string]bool, len(rows))
	var kunshan []string
	for _, row := range rows[1:] {
		require.False(t, ids[row[0]], "id %s is there twice", row[0])
		ids[row[0]] = true
		if row[1] == "Kunshan" && row[2] == "CN" {
			kunshan = row
		}
	}
	require.NotNil(t, kunshan)
	lon, err := strconv.ParseFloat(kunshan[3], 64)
	require.NoError(t, err)
	require.InDelta(t, 120.95, lon, 0.05)
}
