package tracking

import (
	"fmt"
	"time"

	"github.com/paulmach/orb"

	"waybill/geo"
)

const (
	// MaxRadius bounds the radius of a zone in metres.
	MaxRadius = 1e6
	// MaxZonePoints bounds the points of all rings of a zone.
	MaxZonePoints = 100_000
	// MaxWidth bounds the width of a corridor in metres to each side.
	MaxWidth = 1e5
	// MaxCorridorPoints bounds the points of a corridor's path.
	MaxCorridorPoints = 10_000
	// maxLeg bounds in metres how far a point of a corridor's path is from the next: far
	// less than half around the earth, where the shorter way is not sure.
	maxLeg = 5e6
	// maxSpeedLimit is in metres a second; nothing that drives or flies here is faster.
	maxSpeedLimit = 1000
	// maxDwellLimit is ten years.
	maxDwellLimit = 10 * 366 * 24 * time.Hour
)

// HasGround says whether the zone says where it is.
func (z Zone) HasGround() bool { return z.shapes() > 0 }

// shapes is in how many ways the zone says where it is.
func (z Zone) shapes() int {
	n := 0
	for _, given := range []bool{len(z.Area) > 0, z.Radius != 0, len(z.Path) > 0 || z.Width != 0} {
		if given {
			n++
		}
	}
	return n
}

// Check says what of the zone can't be stored, as a [FieldError] with the path of
// the API. Whether rings cross is for the store to say.
func (z Zone) Check() error {
	if err := CheckText("display_name", z.DisplayName); err != nil {
		return err
	}
	if err := z.CheckLimits(); err != nil {
		return err
	}
	return z.CheckGround()
}

// CheckLimits is the part of [Zone.Check] that is about the limits.
func (z Zone) CheckLimits() error {
	if !(z.SpeedLimit >= 0 && z.SpeedLimit <= maxSpeedLimit) {
		return invalid("speed_limit", fmt.Sprintf("give metres a second, more than 0 and at most %d, or leave it out for none", maxSpeedLimit))
	}
	if z.DwellLimit != 0 && (z.DwellLimit < time.Second || z.DwellLimit > maxDwellLimit) {
		return invalid("dwell_limit", "give a second at least and ten years at most, or leave it out for none")
	}
	return nil
}

// CheckGround is the part of [Zone.Check] that is about the ground.
func (z Zone) CheckGround() error {
	switch {
	case z.shapes() > 1:
		return invalid("area", "give one of polygons, a circle and a corridor")
	case len(z.Area) > 0:
		return checkArea(z.Area)
	case len(z.Path) > 0 || z.Width != 0:
		return z.checkCorridor()
	case z.Radius == 0:
		return invalid("area", "say where the zone is: polygons, a circle with a radius of more than zero, or a corridor")
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

func (z Zone) checkCorridor() error {
	const field = "area.corridor"
	if !(z.Width > 0 && z.Width <= MaxWidth) {
		return invalid(field+".width", fmt.Sprintf("give metres to each side, more than 0 and at most %.0f", MaxWidth))
	}
	if len(z.Path) < 2 || len(z.Path) > MaxCorridorPoints {
		return invalid(field+".path", fmt.Sprintf("give 2 points at least and %d at most", MaxCorridorPoints))
	}
	for i, p := range z.Path {
		field := fmt.Sprintf("%s.path[%d]", field, i)
		if err := checkPoint(field, p); err != nil {
			return err
		}
		if i > 0 && geo.Distance(z.Path[i-1], p) > maxLeg {
			return invalid(field, fmt.Sprintf("give a point between it and the one before: they are more than %.0f km apart", maxLeg/1000))
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
