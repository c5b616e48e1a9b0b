package zone_test

import (
	"fmt"

	"github.com/paulmach/orb"

	"waybill/geo/zone"
)

func ExampleIndex_At() {
	index := zone.NewIndex([]zone.Zone{
		{ID: 1, Area: orb.MultiPolygon{{{{116, 39}, {117, 39}, {117, 41}, {116, 41}, {116, 39}}}}},
		{ID: 2, Center: orb.Point{116.3975, 39.9087}, Radius: 500},
	})
	var zones []int64 // kept and used again from point to point
	for _, p := range []orb.Point{{116.3976, 39.9088}, {116.5, 39.5}, {121.5, 31.2}} {
		zones = index.At(zones[:0], p)
		fmt.Println(zones)
	}
	// Output:
	// [1 2]
	// [1]
	// []
}
