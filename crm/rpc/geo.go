package rpc

import (
	"github.com/paulmach/orb"

	"waybill/crm"
	geov1 "waybill/proto/waybill/geo/v1"
)

func point(p *geov1.Point) orb.Point { return orb.Point{p.GetLongitude(), p.GetLatitude()} }

func pointOf(p orb.Point) *geov1.Point {
	return &geov1.Point{Longitude: p.Lon(), Latitude: p.Lat()}
}

// setArea takes the area of a request, of the resource called field; nil means the
// usual circle.
func setArea(g *crm.Ground, area *geov1.Area, field string) error {
	g.Polygons, g.Center, g.Radius = nil, orb.Point{}, 0
	switch shape := area.GetShape().(type) {
	case nil:
		if area != nil {
			return crm.Invalid(field+".area", "give polygons or a circle, or leave it out for a circle of 150 m around the point")
		}
	case *geov1.Area_Circle:
		if shape.Circle.GetRadius() == 0 || shape.Circle.GetCenter() == nil {
			return crm.Invalid(field+".area.circle", "give center and a radius in metres, more than 0")
		}
		g.Center, g.Radius = point(shape.Circle.GetCenter()), shape.Circle.GetRadius()
	case *geov1.Area_Corridor:
		return crm.Invalid(field+".area", "give polygons or a circle: a place is no corridor")
	case *geov1.Area_Polygons:
		for _, p := range shape.Polygons.GetPolygons() {
			var polygon orb.Polygon
			for _, r := range p.GetRings() {
				var ring orb.Ring
				for _, at := range r.GetPoints() {
					ring = append(ring, point(at))
				}
				polygon = append(polygon, ring)
			}
			if len(polygon) == 0 {
				return crm.Invalid(field+".area.polygons", "each polygon needs a ring")
			}
			g.Polygons = append(g.Polygons, polygon)
		}
		if len(g.Polygons) == 0 {
			return crm.Invalid(field+".area.polygons", "give a polygon, or leave the area out for a circle of 150 m around the point")
		}
	}
	return nil
}

// setPoint takes the point of a request.
func setPoint(g *crm.Ground, p *geov1.Point, field string) error {
	if p == nil {
		return crm.Invalid(field+".point", "say where it is: longitude and latitude in degrees")
	}
	g.Point = point(p)
	return nil
}

// areaOf is nil for the usual circle.
func areaOf(g crm.Ground) *geov1.Area {
	if g.Radius > 0 {
		return &geov1.Area{Shape: &geov1.Area_Circle{Circle: &geov1.Circle{Center: pointOf(g.Center), Radius: g.Radius}}}
	}
	if len(g.Polygons) == 0 {
		return nil
	}
	all := &geov1.MultiPolygon{}
	for _, polygon := range g.Polygons {
		p := &geov1.Polygon{}
		for _, ring := range polygon {
			r := &geov1.Ring{}
			for _, at := range ring {
				r.Points = append(r.Points, pointOf(at))
			}
			p.Rings = append(p.Rings, r)
		}
		all.Polygons = append(all.Polygons, p)
	}
	return &geov1.Area{Shape: &geov1.Area_Polygons{Polygons: all}}
}
