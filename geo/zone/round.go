package zone

import (
	"math"

	"github.com/paulmach/orb"

	"waybill/geo"
	"waybill/geo/corridor"
)

// round is ground within a distance of something.
type round interface {
	// bound is a hair more than needed, so that rounding can't exclude what the exact
	// test would take in.
	bound() orb.Bound
	// covers says whether all of the box is inside, or nothing; neither when that isn't
	// sure.
	covers(box orb.Bound) (all, nothing bool)
}

type circle struct {
	center orb.Point
	radius float64
}

func (c *circle) contains(p orb.Point) bool { return geo.Distance(c.center, p) <= c.radius }

func (c *circle) bound() orb.Bound { return geo.Around(c.center, more(c.radius)) }

func (c *circle) covers(box orb.Bound) (all, nothing bool) {
	return within(geo.Distance(c.center, box.Center()), c.radius, box)
}

// strip is all within a corridor's width of one of its legs.
type strip struct {
	leg   corridor.Leg
	width float64
}

func (s *strip) contains(v geo.Vector) bool { return s.leg.Distance(v) <= s.width }

func (s *strip) bound() orb.Bound { return s.leg.Bound(more(s.width)) }

func (s *strip) covers(box orb.Bound) (all, nothing bool) {
	return within(s.leg.Distance(geo.NewVector(box.Center())), s.width, box)
}

func more(metres float64) float64 { return metres*(1+1e-6) + 1e-3 }

// within compares a box, whose center is at a distance, with what reaches as far as the
// reach. From the box's center to any of its points it is no further than along the
// parallel and then the meridian. Near the other side of the earth a distance is off by
// decimetres.
func within(distance, reach float64, box orb.Bound) (all, nothing bool) {
	size := (box.Max.Lon() - box.Min.Lon() + box.Max.Lat() - box.Min.Lat()) / 2
	slack := metresPerDegree*size + (distance+reach)*1e-7 + 1e-3
	return distance+slack < reach, distance-slack > reach
}

const metresPerDegree = geo.EarthRadius * math.Pi / 180
