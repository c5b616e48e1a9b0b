package simplify

import (
	"math"

	"waybill/geo"
)

// leg is the great circle between two points, the short way round.
type leg struct {
	a, b geo.Vector
	// normal is that of the great circle, of length 1; zero when the points are one.
	normal geo.Vector
	// fromA and toB are normals of the planes that cut the circle squarely at its ends:
	// what both have on their positive side lies beside the leg, and not beyond an end.
	fromA, toB geo.Vector
}

func newLeg(a, b geo.Vector) leg {
	l := leg{a: a, b: b}
	// (a-b) x (a+b) is twice a x b, without its loss of digits for near points.
	l.normal = a.Minus(b).Cross(a.Plus(b)).Unit()
	l.fromA, l.toB = l.normal.Cross(a), b.Cross(l.normal)
	return l
}

// apart is the square of the chord from the point to the nearest of the leg.
func (l *leg) apart(p geo.Vector) float64 {
	if l.fromA.Dot(p) > 0 && l.toB.Dot(p) > 0 {
		// The sine of the distance as an angle, and 2(1-cos) of it without loss of digits.
		sine := p.Dot(l.normal)
		square := min(sine*sine, 1)
		return 2 * square / (1 + math.Sqrt(1-square))
	}
	return min(l.a.Chord(p), l.b.Chord(p))
}

// metres is the distance over the ground of points whose chord has the square.
func metres(square float64) float64 {
	return geo.EarthRadius * geo.Arc(square)
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
