package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Valid says whether p is a point on earth: both degrees are numbers, the longitude
// from -180 to 180 and the latitude from -90 to 90.
func Valid(p orb.Point) bool {
	return math.Abs(p.Lon()) <= 180 && math.Abs(p.Lat()) <= 90
}

// Around is the smallest box of meridians and parallels that holds all that is
// within the distance in metres of the center. Near the antimeridian it reaches
// beyond 180 degrees on one side; around a pole it has all longitudes.
func Around(center orb.Point, distance float64) orb.Bound {
	arc := distance / EarthRadius
	south, north := center.Lat()-degrees(arc), center.Lat()+degrees(arc)
	if south <= -90 || north >= 90 {
		return orb.Bound{Min: orb.Point{-180, max(south, -90)}, Max: orb.Point{180, min(north, 90)}}
	}
	// The meridian that touches the circle does so nearer to the pole than its center
	// is: sin(dlon) = sin(arc) / cos(lat).
	width := degrees(math.Asin(min(1, math.Sin(arc)/math.Cos(radians(center.Lat())))))
	return orb.Bound{
		Min: orb.Point{center.Lon() - width, south},
		Max: orb.Point{center.Lon() + width, north},
	}
}

// InBox says whether p is in the box or on its border. A box whose west (Min) is
// greater than its east (Max) crosses the antimeridian.
func InBox(box orb.Bound, p orb.Point) bool {
	if p.Lat() < box.Min.Lat() || p.Lat() > box.Max.Lat() {
		return false
	}
	west, east := box.Min.Lon(), box.Max.Lon()
	if west > east {
		return p.Lon() >= west || p.Lon() <= east
	}
	return p.Lon() >= west && p.Lon() <= east
}
