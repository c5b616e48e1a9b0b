package corridor

import (
	"math"

	"github.com/paulmach/orb"

	"waybill/geo"
)

// halfway is in metres a little less than to the other side of the earth: rounding
// decides which way a longer leg runs.
const halfway = 2e7

// Leg is a great circle between two points, the shorter way round.
type Leg struct {
	a, b orb.Point
	// from and to are the ends.
	from, to geo.Vector
	// normal is of the great circle, of length 1; zero when both ends are one point.
	normal geo.Vector
	// ahead and behind are square to the planes that cut the great circle at the ends:
	// a point has positive parts of both when it is abreast of the leg.
	ahead, behind geo.Vector
	length        float64 // metres
}

// NewLeg expects points on earth ([geo.Valid]).
func NewLeg(a, b orb.Point) Leg {
	l := Leg{a: a, b: b, from: geo.NewVector(a), to: geo.NewVector(b), length: geo.Distance(a, b)}
	// (a-b) x (a+b) is twice a x b, without its loss of digits for near points.
	l.normal = l.from.Minus(l.to).Cross(l.from.Plus(l.to)).Unit()
	l.ahead, l.behind = l.normal.Cross(l.from), l.to.Cross(l.normal)
	return l
}

// Length is in metres.
func (l *Leg) Length() float64 { return l.length }

// Distance is how far a point is from the leg, in metres over the ground.
func (l *Leg) Distance(p geo.Vector) float64 {
	if l.abreast(p) {
		return geo.EarthRadius * math.Asin(min(1, math.Abs(p.Dot(l.normal))))
	}
	return geo.EarthRadius * geo.Arc(min(l.from.Chord(p), l.to.Chord(p)))
}

// Along is how far along the leg the place is that is nearest to a point, in metres; of
// places equally near the first.
func (l *Leg) Along(p geo.Vector) float64 {
	if l.abreast(p) {
		foot := p.Minus(l.normal.Times(p.Dot(l.normal)))
		return max(0, min(geo.EarthRadius*math.Atan2(l.ahead.Dot(foot), l.from.Dot(foot)), l.length))
	}
	if l.to.Chord(p) < l.from.Chord(p) {
		return l.length
	}
	return 0
}

func (l *Leg) abreast(p geo.Vector) bool { return l.ahead.Dot(p) > 0 && l.behind.Dot(p) > 0 }

// Bound is a box of meridians and parallels that holds all that is within the distance
// in metres of the leg. Near the antimeridian it reaches beyond 180 degrees on one side;
// around a pole it has all longitudes.
func (l *Leg) Bound(distance float64) orb.Bound {
	if l.length > halfway {
		return orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	}
	south, north := min(l.a.Lat(), l.b.Lat()), max(l.a.Lat(), l.b.Lat())
	// The great circle comes nearest to the north pole at the top: the axis without its
	// part along the normal.
	x, y, z := l.normal[0], l.normal[1], l.normal[2]
	top := geo.Vector{-x * z, -y * z, x*x + y*y}.Unit()
	vertex := math.Atan2(math.Hypot(x, y), math.Abs(z)) * 180 / math.Pi
	if l.abreast(top) {
		north = max(north, vertex)
	}
	if l.abreast(top.Times(-1)) {
		south = min(south, -vertex)
	}
	// No point of the leg is nearer to a pole, so none needs more longitude.
	widest := geo.Around(orb.Point{0, max(north, -south)}, distance)
	around := geo.Around(orb.Point{0, min(north, -south)}, distance)
	reach := max(widest.Max.Lon(), around.Max.Lon())
	arc := distance / geo.EarthRadius * 180 / math.Pi
	bound := orb.Bound{Min: orb.Point{-180, max(south-arc, -90)}, Max: orb.Point{180, min(north+arc, 90)}}
	step := geo.WrapLongitude(l.b.Lon() - l.a.Lon())
	if width := math.Abs(step) + 2*reach; width < 360 {
		bound.Min[0] = l.a.Lon() + min(step, 0) - reach
		bound.Max[0] = l.a.Lon() + max(step, 0) + reach
	}
	return bound
}
