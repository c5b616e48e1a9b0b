package tracking

import (
	"fmt"

	"github.com/paulmach/orb"

	"waybill/geo"
)

const (
	// MaxRadius bounds the radius of a zone in metres.
	MaxRadius = 1e6
	// MaxZonePoints bounds the points of all rings of a zone.
	MaxZonePoints = 100_000
)

// HasGround says whether the zone says where it is.
func (z Zone) HasGround() bool { return len(z.Area) > 0 || z.Radius != 0 }

// Check says what of the zone can't be stored, as a [FieldError] with the path of
// the API. Whether rings cross is for the store to say.
func (z Zone) Check() error {
	if err := CheckText("display_name", z.DisplayName); err != nil {
		return err
	}
	return z.CheckGround()
}

// CheckGround is the part of [Zone.Check] that is about the ground.
func (z Zone) CheckGround() error {
	switch {
	case len(z.Area) > 0 && z.Radius != 0:
		return invalid("area", "give polygons or a circle, not both")
	case len(z.Area) > 0:
		return checkArea(z.Area)
	case z.Radius == 0:
		return invalid("area", "say where the zone is: polygons, or a circle with a radius of more than zero")
	case !(z.Radius > 0 && z.Radius <= MaxRadius):
		return invalid("area.circle.radius", fmt.Sprintf("give metres, more than 0 and at most %.0f", MaxRadius))
	}
	return checkPoint("area.circle.center", z.Center)
}

func checkArea(area orb.MultiPolygon) error {
	points := 0
	for i, polygon := range area {
		path := fmt.Sprintf("area.polygons.polygons[%d]", i)
		if len(polygon) == 0 {
			return invalid(path+".rings", "give the outer ring first, then the holes")
		}
		for j, ring := range polygon {
			path := fmt.Sprintf("%s.rings[%d]", path, j)
			if points += len(ring); points > MaxZonePoints {
				return invalid("area.polygons", fmt.Sprintf("use at most %d points; simplify the border", MaxZonePoints))
			}
			if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
				return invalid(path+".points", "give at least four points, the last equal to the first")
			}
			for k, p := range ring {
				if err := checkPoint(fmt.Sprintf("%s.points[%d]", path, k), p); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func checkPoint(path string, p orb.Point) error {
	if !geo.Valid(p) {
		return invalid(path, "give longitude -180 to 180 and latitude -90 to 90, in degrees")
	}
	return nil
}
