package simplify

import (
	"math"

	"github.com/paulmach/orb"

	"waybill/geo"
)

// vector is from the middle of the earth to a point on the ground, of length 1.
type vector [3]float64

func newVector(p orb.Point) vector {
	sinLon, cosLon := math.Sincos(p.Lon() * math.Pi / 180)
	sinLat, cosLat := math.Sincos(p.Lat() * math.Pi / 180)
	return vector{cosLat * cosLon, cosLat * sinLon, sinLat}
}

func (v vector) dot(w vector) float64 { return v[0]*w[0] + v[1]*w[1] + v[2]*w[2] }

func (v vector) cross(w vector) vector {
	return vector{v[1]*w[2] - v[2]*w[1], v[2]*w[0] - v[0]*w[2], v[0]*w[1] - v[1]*w[0]}
}

// apart is the square of the chord between two points, which grows with the distance
// over the ground and costs no trigonometry.
func (v vector) apart(w vector) float64 {
	x, y, z := v[0]-w[0], v[1]-w[1], v[2]-w[2]
	return x*x + y*y + z*z
}

// leg is the great circle between two points, the short way round.
type leg struct {
	a, b vector
	// normal is that of the great circle, of length 1; zero when the points are one.
	normal vector
	// fromA and toB are normals of the planes that cut the circle squarely at its ends:
	// what both have on their positive side lies beside the leg, and not beyond an end.
	fromA, toB vector
}

func newLeg(a, b vector) leg {
	l := leg{a: a, b: b}
	// (a-b) x (a+b) is twice a x b, without its loss of digits for near points.
	minus := vector{a[0] - b[0], a[1] - b[1], a[2] - b[2]}
	plus := vector{a[0] + b[0], a[1] + b[1], a[2] + b[2]}
	normal := minus.cross(plus)
	length := math.Sqrt(normal.dot(normal))
	if length == 0 {
		return l
	}
	l.normal = vector{normal[0] / length, normal[1] / length, normal[2] / length}
	l.fromA, l.toB = l.normal.cross(a), b.cross(l.normal)
	return l
}

// apart is the square of the chord from the point to the nearest of the leg.
func (l *leg) apart(p vector) float64 {
	if l.fromA.dot(p) > 0 && l.toB.dot(p) > 0 {
		// The sine of the distance as an angle, and 2(1-cos) of it without loss of digits.
		sine := p.dot(l.normal)
		square := min(sine*sine, 1)
		return 2 * square / (1 + math.Sqrt(1-square))
	}
	return min(l.a.apart(p), l.b.apart(p))
}

// metres is the distance over the ground of points whose chord has the square.
func metres(square float64) float64 {
	return 2 * geo.EarthRadius * math.Asin(min(1, math.Sqrt(square)/2))
}

// chord is the square of the chord between points that are so far apart; it is above
// all of them when the distance is half around the earth or more.
func chord(distance float64) float64 {
	angle := distance / geo.EarthRadius
	if angle >= math.Pi {
		return math.Inf(1)
	}
	half := 2 * math.Sin(angle/2)
	return half * half
}
