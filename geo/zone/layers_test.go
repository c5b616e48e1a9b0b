package zone_test

import (
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/geo"
	"waybill/geo/zone"
)

// An index that has been changed again and again answers as one that is built anew of
// what is there, and the ones before it go on as they were.
func TestWithIsAsBuiltAnew(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := drawPlace(t)
		var zones []zone.Zone // what is there
		index := zone.NewIndex(nil)
		for range rapid.IntRange(1, 12).Draw(t, "changes") {
			before, old := index, slices.Clone(zones)
			var changed []zone.Zone
			ids := rapid.SliceOfN(rapid.Int64Range(0, 9), 0, 4).Draw(t, "changed") // some twice: parts of one
			for _, id := range ids {
				changed = append(changed, at.zone(t, id))
			}
			removed := rapid.SliceOfN(rapid.Int64Range(0, 9), 0, 2).Draw(t, "removed")
			zones = slices.DeleteFunc(zones, func(z zone.Zone) bool {
				return slices.Contains(ids, z.ID) || slices.Contains(removed, z.ID)
			})
			zones = append(zones, changed...)
			index = index.With(changed, removed)
			if rapid.IntRange(0, 4).Draw(t, "compact") == 0 {
				index = index.Compact()
				require.LessOrEqual(t, index.Layers(), 1)
			}
			for range 8 {
				p := at.point(t, 1.5)
				if p[0] = geo.WrapLongitude(p[0]); !geo.Valid(p) {
					continue
				}
				if got, want := index.At(nil, p), scan(zones, p); !slices.Equal(got, want) {
					t.Fatalf("%v: got %v, want %v in %v", p, got, want, zones)
				}
				require.Equal(t, scan(old, p), before.At(nil, p), "the one before is changed")
			}
		}
	})
}

// However many changes there are, few layers remain, and what is removed leaves none.
func TestLayersStayFew(t *testing.T) {
	t.Parallel()
	index := zone.NewIndex(squares(0, 1000))
	require.Equal(t, 1, index.Layers())
	for i := range 1000 {
		index = index.With(squares(i, i+1), nil)
		require.LessOrEqual(t, index.Layers(), 12)
	}
	require.Equal(t, []int64{17}, index.At(nil, orb.Point{17.5, 0.5}))
	ids := make([]int64, 1000)
	for i := range ids {
		ids[i] = int64(i)
	}
	require.Zero(t, index.With(nil, ids).Layers())
	require.Equal(t, 1, index.Compact().Layers())
}

// squares are those of the ids from first to the one before end, side by side.
func squares(first, end int) []zone.Zone {
	var zones []zone.Zone
	for i := first; i < end; i++ {
		west := float64(i % 100)
		zones = append(zones, zone.Zone{ID: int64(i), Area: area(square(west, float64(i/100), west+1, float64(i/100+1)))})
	}
	return zones
}
