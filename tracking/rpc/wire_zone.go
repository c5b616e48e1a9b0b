package rpc

import (
	"fmt"

	"github.com/paulmach/orb"
	"google.golang.org/protobuf/types/known/durationpb"

	"waybill/internal/rpcerr"
	geov1 "waybill/proto/waybill/geo/v1"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

func zoneToWire(z tracking.Zone) *trackingv1.Zone {
	wire := &trackingv1.Zone{
		Name:        resourceName(zones, z.UID),
		DisplayName: z.DisplayName,
		Owner:       z.Owner,
		Area:        areaToWire(z),
		CreateTime:  timeToWire(z.CreateTime),
		UpdateTime:  timeToWire(z.UpdateTime),
	}
	if z.SpeedLimit != 0 {
		wire.SpeedLimit = &z.SpeedLimit
	}
	if z.DwellLimit != 0 {
		wire.DwellLimit = durationpb.New(z.DwellLimit)
	}
	return wire
}

// zoneFromServer reads all that a server said.
func zoneFromServer(z *trackingv1.Zone) (tracking.Zone, error) {
	zone, err := zoneFromWire(z.GetDisplayName(), z.GetArea(), "area")
	if err != nil {
		return zone, err
	}
	zone.UID, err = uidOf(zones, "name", z.GetName())
	zone.Owner = z.GetOwner()
	zone.SpeedLimit, zone.DwellLimit = z.GetSpeedLimit(), z.GetDwellLimit().AsDuration()
	zone.CreateTime, zone.UpdateTime = timeFromWire(z.GetCreateTime()), timeFromWire(z.GetUpdateTime())
	return zone, err
}

// areaToWire is nil for a zone without ground.
func areaToWire(z tracking.Zone) *geov1.Area {
	switch {
	case len(z.Area) > 0:
		return &geov1.Area{Shape: &geov1.Area_Polygons{Polygons: polygonsToWire(z.Area)}}
	case z.Radius != 0:
		return &geov1.Area{Shape: &geov1.Area_Circle{Circle: &geov1.Circle{Center: pointToWire(z.Center), Radius: z.Radius}}}
	case len(z.Path) > 0:
		return &geov1.Area{Shape: &geov1.Area_Corridor{Corridor: &geov1.Corridor{Path: pointsToWire(z.Path), Width: z.Width}}}
	}
	return nil
}

func polygonsToWire(area orb.MultiPolygon) *geov1.MultiPolygon {
	wire := &geov1.MultiPolygon{}
	for _, polygon := range area {
		p := &geov1.Polygon{}
		for _, ring := range polygon {
			p.Rings = append(p.Rings, &geov1.Ring{Points: pointsToWire(ring)})
		}
		wire.Polygons = append(wire.Polygons, p)
	}
	return wire
}

// zoneFromWire reads what a caller may set; path is where the area stands in the
// request.
func zoneFromWire(displayName string, area *geov1.Area, path string) (tracking.Zone, error) {
	zone := tracking.Zone{DisplayName: displayName}
	if circle := area.GetCircle(); circle != nil {
		if circle.GetCenter() == nil {
			return zone, rpcerr.Invalid(rpcerr.Field(path+".circle.center", "give the middle of the circle"))
		}
		if circle.GetRadius() == 0 {
			return zone, rpcerr.Invalid(rpcerr.Field(path+".circle.radius", "give metres, more than 0"))
		}
		zone.Center, zone.Radius = pointFromWire(circle.GetCenter()), circle.GetRadius()
	}
	if corridor := area.GetCorridor(); corridor != nil {
		if corridor.GetWidth() == 0 {
			return zone, rpcerr.Invalid(rpcerr.Field(path+".corridor.width", "give metres to each side, more than 0"))
		}
		points, err := pointsFromWire(corridor.GetPath(), path+".corridor.path")
		if err != nil {
			return zone, err
		}
		zone.Path, zone.Width = points, corridor.GetWidth()
	}
	for i, polygon := range area.GetPolygons().GetPolygons() {
		var p orb.Polygon
		for j, ring := range polygon.GetRings() {
			points, err := pointsFromWire(ring.GetPoints(), fmt.Sprintf("%s.polygons.polygons[%d].rings[%d].points", path, i, j))
			if err != nil {
				return zone, err
			}
			p = append(p, points)
		}
		zone.Area = append(zone.Area, p)
	}
	return zone, nil
}

// limitsFromWire reads the limits of a request's zone.
func limitsFromWire(zone *tracking.Zone, z *trackingv1.Zone) error {
	if z.SpeedLimit != nil && !(z.GetSpeedLimit() > 0) {
		return rpcerr.Invalid(rpcerr.Field("zone.speed_limit", "give metres a second, more than 0, or leave it out for none"))
	}
	if limit := z.GetDwellLimit(); limit != nil {
		if limit.CheckValid() != nil || limit.AsDuration() <= 0 {
			return rpcerr.Invalid(rpcerr.Field("zone.dwell_limit", "give a second at least, or leave it out for none"))
		}
	}
	zone.SpeedLimit, zone.DwellLimit = z.GetSpeedLimit(), z.GetDwellLimit().AsDuration()
	return nil
}

func pointsToWire(points []orb.Point) []*geov1.Point {
	wire := make([]*geov1.Point, len(points))
	for i, p := range points {
		wire[i] = pointToWire(p)
	}
	return wire
}

// pointsFromWire reads points that stand at the path in a request.
func pointsFromWire(wire []*geov1.Point, path string) ([]orb.Point, error) {
	points := make([]orb.Point, len(wire))
	for i, p := range wire {
		if p == nil {
			return nil, rpcerr.Invalid(rpcerr.Field(fmt.Sprintf("%s[%d]", path, i), "give the point"))
		}
		points[i] = pointFromWire(p)
	}
	return points, nil
}

func pointToWire(p orb.Point) *geov1.Point {
	return &geov1.Point{Longitude: p.Lon(), Latitude: p.Lat()}
}

func pointFromWire(p *geov1.Point) orb.Point {
	return orb.Point{p.GetLongitude(), p.GetLatitude()}
}

// boxFromWire is nil when there is no box.
func boxFromWire(box *geov1.Box) (*orb.Bound, error) {
	if box == nil {
		return nil, nil //nolint:nilnil // no box is an answer
	}
	bound := &orb.Bound{
		Min: orb.Point{box.GetWest(), box.GetSouth()},
		Max: orb.Point{box.GetEast(), box.GetNorth()},
	}
	if !(bound.Min.Lat() <= bound.Max.Lat() && bound.Min.Lat() >= -90 && bound.Max.Lat() <= 90) {
		return nil, rpcerr.Invalid(rpcerr.Field("box", "give south and north from -90 to 90 degrees, south not above north"))
	}
	for _, lon := range []float64{bound.Min.Lon(), bound.Max.Lon()} {
		if !(lon >= -180 && lon <= 180) {
			return nil, rpcerr.Invalid(rpcerr.Field("box", "give west and east from -180 to 180 degrees; west is greater than east across the antimeridian"))
		}
	}
	return bound, nil
}
