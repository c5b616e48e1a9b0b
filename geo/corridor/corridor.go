// Package corridor measures how far a point is from a planned path, and how far along
// it.
//
// A path is great circles between its points, on the sphere of [geo.EarthRadius], as
// [geo.Distance] has it. The nearest point of a segment is found with vectors from the
// middle of the earth: the part of the point's vector that lies in the plane of the
// segment's great circle, or the nearer end when that falls outside of the segment. This
// has no error of its own for segments of any length below half the earth's
// circumference (no flat projection is used), needs no care at the antimeridian or the
// poles, and rounding costs less than a millimetre.
package corridor

import (
	"errors"
	"math"

	"github.com/paulmach/orb"

	"waybill/geo"
)

// ErrPath says that a path can't be measured.
var ErrPath = errors.New("corridor: a path needs at least one point, longitudes from -180 to 180, " +
	"latitudes from -90 to 90, and a width of 0 or more metres to each side")

// Corridor is a planned path with a width. It does not change, and is safe for
// concurrent use.
type Corridor struct {
	path  []orb.Point
	legs  []leg
	width float64
}

// leg is a segment of the path, from a to b.
type leg struct {
	a, b   vector
	normal vector  // of the great circle, of length 1
	start  float64 // metres along the path where it begins
	length float64 // metres
}

// Place is where on a path a point is nearest to it.
type Place struct {
	// Distance is from the point to the path, in metres over the ground.
	Distance float64
	// Along is from the start of the path to there, in metres. Of places equally near
	// it is the first.
	Along float64
}

// New makes a corridor that reaches width metres to each side of the path, and around
// its ends. It returns [ErrPath] when there is no such thing.
func New(path orb.LineString, width float64) (*Corridor, error) {
	if len(path) == 0 || width < 0 || math.IsNaN(width) {
		return nil, ErrPath
	}
	c := &Corridor{width: width}
	along := 0.0
	for i, p := range path {
		if !geo.Valid(p) {
			return nil, ErrPath
		}
		c.path = append(c.path, p)
		if i == 0 {
			continue
		}
		l := newLeg(path[i-1], p, along)
		along += l.length
		c.legs = append(c.legs, l)
	}
	return c, nil
}

// Length is the path's, in metres.
func (c *Corridor) Length() float64 {
	if len(c.legs) == 0 {
		return 0
	}
	last := &c.legs[len(c.legs)-1]
	return last.start + last.length
}

// Inside says whether p is no further from the path than the width. A point that is
// not on earth is not.
func (c *Corridor) Inside(p orb.Point) bool { return c.Nearest(p).Distance <= c.width }

// Nearest finds where the path comes nearest to p. Both measures are NaN for a point
// that is not on earth.
func (c *Corridor) Nearest(p orb.Point) Place {
	if !geo.Valid(p) {
		return Place{math.NaN(), math.NaN()}
	}
	best := Place{Distance: geo.Distance(c.path[0], p)}
	v := newVector(p)
	for i := range c.legs {
		if place := c.legs[i].nearest(v); place.Distance < best.Distance {
			best = place
		}
	}
	return best
}

func newLeg(a, b orb.Point, start float64) leg {
	l := leg{a: newVector(a), b: newVector(b), start: start, length: geo.Distance(a, b)}
	// (a-b) x (a+b) is twice a x b, without its loss of digits for near points.
	l.normal = l.a.minus(l.b).cross(l.a.plus(l.b)).unit()
	return l
}

func (l *leg) nearest(p vector) Place {
	// Between the planes that cut the great circle squarely at both ends.
	if l.normal.cross(l.a).dot(p) > 0 && l.b.cross(l.normal).dot(p) > 0 {
		off := p.dot(l.normal)
		foot := p.minus(l.normal.times(off))
		along := math.Atan2(l.normal.cross(l.a).dot(foot), l.a.dot(foot))
		return Place{
			Distance: geo.EarthRadius * math.Asin(min(1, math.Abs(off))),
			Along:    l.start + min(geo.EarthRadius*along, l.length),
		}
	}
	toA, toB := l.a.arc(p), l.b.arc(p)
	if toB < toA {
		return Place{Distance: geo.EarthRadius * toB, Along: l.start + l.length}
	}
	return Place{Distance: geo.EarthRadius * toA, Along: l.start}
}
