package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// EarthRadius is the earth's mean radius in metres: (2a + b) / 3 of WGS-84 (IUGG).
const EarthRadius = 6371008.7714

// Distance is the length in metres of the shortest way over the ground from a to b,
// on the sphere. It is the haversine formula, which keeps its precision for points
// that are millimetres apart.
func Distance(a, b orb.Point) float64 {
	latA, latB := radians(a.Lat()), radians(b.Lat())
	sinLat := math.Sin((latB - latA) / 2)
	sinLon := math.Sin(radians(b.Lon()-a.Lon()) / 2)
	h := sinLat*sinLat + math.Cos(latA)*math.Cos(latB)*sinLon*sinLon
	return 2 * EarthRadius * math.Asin(math.Sqrt(min(h, 1)))
}

// Bearing is the direction at a of the shortest way from a to b, in degrees
// clockwise from true north, from 0 to less than 360. It is 0 when a and b are the
// same point.
func Bearing(a, b orb.Point) float64 {
	latA, latB := radians(a.Lat()), radians(b.Lat())
	sinLon, cosLon := math.Sincos(radians(b.Lon() - a.Lon()))
	y := sinLon * math.Cos(latB)
	x := math.Cos(latA)*math.Sin(latB) - math.Sin(latA)*math.Cos(latB)*cosLon
	bearing := math.Mod(degrees(math.Atan2(y, x))+360, 360)
	if bearing >= 360 { // what was a hair below zero rounds up to 360
		return 0
	}
	return bearing
}

// Destination is the point that is reached from a by going the distance in metres
// along the great circle that leaves at the bearing, in degrees clockwise from true
// north. Its longitude is from -180 to less than 180.
func Destination(a orb.Point, bearing, distance float64) orb.Point {
	sinLat, cosLat := math.Sincos(radians(a.Lat()))
	sinArc, cosArc := math.Sincos(distance / EarthRadius)
	sinBearing, cosBearing := math.Sincos(radians(bearing))
	sinLatB := sinLat*cosArc + cosLat*sinArc*cosBearing
	lat := math.Asin(max(-1, min(1, sinLatB)))
	lon := radians(a.Lon()) + math.Atan2(sinBearing*sinArc*cosLat, cosArc-sinLat*sinLatB)
	return orb.Point{WrapLongitude(degrees(lon)), degrees(lat)}
}

// WrapLongitude brings a longitude in degrees to the range from -180 to less than
// 180.
func WrapLongitude(lon float64) float64 {
	if lon >= -180 && lon < 180 {
		return lon // exactly as it was: no rounding for what needs none
	}
	wrapped := math.Mod(lon+180, 360)
	if wrapped < 0 {
		wrapped += 360
	}
	if wrapped >= 360 { // -1e-20 + 360
		wrapped = 0
	}
	return wrapped - 180
}

func radians(degrees float64) float64 { return degrees * (math.Pi / 180) }

func degrees(radians float64) float64 { return radians * (180 / math.Pi) }
