package zone

import (
	"math"

	"github.com/paulmach/orb"

	"waybill/geo"
)

type circle struct {
	center orb.Point
	radius float64
}

func (c *circle) contains(p orb.Point) bool { return geo.Distance(c.center, p) <= c.radius }

// bound is a hair more than needed, so that rounding can't exclude what the exact test
// would take in.
func (c *circle) bound() orb.Bound {
	return geo.Around(c.center, c.radius*(1+1e-9)+1e-6)
}

// covers says whether all of the box is in the circle, or nothing; neither when that
// isn't sure. From the box's center to any of its points it is no further than along
// the parallel and then the meridian.
func (c *circle) covers(box orb.Bound) (all, none bool) {
	size := (box.Max.Lon() - box.Min.Lon() + box.Max.Lat() - box.Min.Lat()) / 2
	slack := size*math.Pi/180*geo.EarthRadius + c.radius*1e-9 + 1e-3
	distance := geo.Distance(c.center, box.Center())
	return distance+slack < c.radius, distance-slack > c.radius
}
