// Package corridor measures how far a point is from a planned path, and how far along
// it.
//
// A path is great circles between its points, on the sphere of [geo.EarthRadius], as
// [geo.Distance] has it. The nearest point of a segment is found with vectors from the
// middle of the earth: the part of the point's vector that lies in the plane of the
// segment's great circle, or the nearer end when that falls outside of the segment. This
// has no error of its own for segments of any length below half the earth's
// circumference (no flat projection is used), needs no care at the antimeridian or the
// poles, and rounding costs less than a millimetre within 5,000 km.
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
	legs   []Leg     // one of no length for a path of one point
	starts []float64 // metres along the path where each begins
	width  float64
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
	for _, p := range path {
		if !geo.Valid(p) {
			return nil, ErrPath
		}
	}
	if len(path) == 1 {
		path = orb.LineString{path[0], path[0]}
	}
	c := &Corridor{width: width, legs: make([]Leg, 0, len(path)-1), starts: make([]float64, 0, len(path)-1)}
	along := 0.0
	for i, p := range path[1:] {
		leg := NewLeg(path[i], p)
		c.legs, c.starts = append(c.legs, leg), append(c.starts, along)
		along += leg.length
	}
	return c, nil
}

// Legs are the path's, in order: one of no length when it is but a point. They are not
// to be changed.
func (c *Corridor) Legs() []Leg { return c.legs }

// Length is the path's, in metres.
func (c *Corridor) Length() float64 {
	last := len(c.legs) - 1
	return c.starts[last] + c.legs[last].length
}

// Inside says whether p is no further from the path than the width. A point that is
// not on earth is not.
func (c *Corridor) Inside(p orb.Point) bool {
	if !geo.Valid(p) {
		return false
	}
	v := geo.NewVector(p)
	for i := range c.legs {
		if c.legs[i].Distance(v) <= c.width {
			return true
		}
	}
	return false
}

// Nearest finds where the path comes nearest to p. Both measures are NaN for a point
// that is not on earth.
func (c *Corridor) Nearest(p orb.Point) Place {
	if !geo.Valid(p) {
		return Place{math.NaN(), math.NaN()}
	}
	v := geo.NewVector(p)
	nearest, distance := 0, math.Inf(1)
	for i := range c.legs {
		if d := c.legs[i].Distance(v); d < distance {
			nearest, distance = i, d
		}
	}
	return Place{Distance: distance, Along: c.starts[nearest] + c.legs[nearest].Along(v)}
}
