package crm

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"waybill/tracking"
)

const (
	// DefaultRadius is the radius in metres of the ground around a point.
	DefaultRadius = 150
	maxRadius     = 100_000
)

// Zones is what crm needs of tracking when a place of a customer or of ours comes or
// changes.
type Zones interface {
	// PutOwnedZone sets the one zone of zone.Owner, a resource name, and returns it. It
	// is idempotent, and fails with a [tracking.FieldError] for ground that can't be
	// stored.
	PutOwnedZone(ctx context.Context, zone tracking.Zone) (tracking.Zone, error)
}

// PutZone draws the ground of a place on tracking. It comes before the place is
// committed: a zone without its place is harmless and is overwritten by the next try,
// while a place without its zone would never see an arrival.
//
// The error is an [InvalidError] on field for ground that tracking refuses.
func PutZone(ctx context.Context, zones Zones, field string, zone tracking.Zone) error {
	_, err := zones.PutOwnedZone(ctx, zone)
	var refused *tracking.FieldError
	if errors.As(err, &refused) {
		return Invalid(field+"."+refused.Field, refused.Advice)
	}
	if err != nil {
		return fmt.Errorf("draw the zone of %s: %w", zone.Owner, err)
	}
	return nil
}

// Ground is where a place is and what belongs to it: the polygons, else the circle,
// else a circle of [DefaultRadius] around the point.
type Ground struct {
	// Point is longitude and latitude in degrees.
	Point    orb.Point
	Polygons orb.MultiPolygon
	Center   orb.Point
	// Radius is in metres; zero when there is no circle.
	Radius float64
}

// Zone is the ground as a zone of its owner.
func (g Ground) Zone(owner, displayName string) tracking.Zone {
	zone := tracking.Zone{Owner: owner, DisplayName: displayName}
	switch {
	case len(g.Polygons) > 0:
		zone.Area = g.Polygons
	case g.Radius > 0:
		zone.Center, zone.Radius = g.Center, g.Radius
	default:
		zone.Center, zone.Radius = g.Point, DefaultRadius
	}
	return zone
}

// Check notes what is wrong with the ground of the resource called field.
func (g Ground) Check(c *Checks, field string) {
	const where = "give longitude -180 to 180 and latitude -90 to 90, in degrees"
	c.That(onEarth(g.Point), field+".point", where)
	if g.Radius != 0 {
		c.That(onEarth(g.Center), field+".area.circle.center", where)
		c.That(g.Radius > 0 && g.Radius <= maxRadius, field+".area.circle.radius",
			fmt.Sprintf("give metres, more than 0 and at most %d", maxRadius))
	}
	for _, polygon := range g.Polygons {
		for _, ring := range polygon {
			c.That(len(ring) >= 4 && ring.Closed(), field+".area.polygons",
				"each ring needs four points or more, the last equal to the first")
			for _, p := range ring {
				c.That(onEarth(p), field+".area.polygons", where)
			}
		}
	}
}

func onEarth(p orb.Point) bool {
	return math.Abs(p.Lon()) <= 180 && math.Abs(p.Lat()) <= 90
}
