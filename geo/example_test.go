package geo_test

import (
	"fmt"

	"github.com/paulmach/orb"

	"waybill/geo"
)

func ExampleDistance() {
	beijing, shanghai := orb.Point{116.3975, 39.9087}, orb.Point{121.4905, 31.2416}
	fmt.Printf("%.0f km\n", geo.Distance(beijing, shanghai)/1000)
	// Output: 1068 km
}

func ExampleBearing() {
	beijing, shanghai := orb.Point{116.3975, 39.9087}, orb.Point{121.4905, 31.2416}
	fmt.Printf("%.0f°\n", geo.Bearing(beijing, shanghai))
	// Output: 153°
}

func ExampleDestination() {
	p := geo.Destination(orb.Point{116.3975, 39.9087}, 90, 1000)
	fmt.Printf("%.5f, %.5f\n", p.Lon(), p.Lat())
	// Output: 116.40922, 39.90870
}

func ExampleAround() {
	box := geo.Around(orb.Point{0, 60}, 1000)
	fmt.Printf("%.4f° by %.4f°\n", box.Max.Lon()-box.Min.Lon(), box.Max.Lat()-box.Min.Lat())
	// Output: 0.0360° by 0.0180°
}
