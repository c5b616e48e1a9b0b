package zone

import (
	"math"

	"github.com/paulmach/orb"
)

// maxLongitude is how far longitudes may run on beyond the antimeridian.
const maxLongitude = 540

// edge is a piece of border from a northward to b (or level, from west to east).
// Having one direction for both neighbours of a shared edge makes the same point fall
// on the same side of it for both.
type edge struct{ a, b orb.Point }

// appendBorder appends nothing for a polygon that holds no point.
func appendBorder(border []edge, polygon orb.Polygon) []edge {
	for i, ring := range polygon {
		n := len(border)
		border = appendRing(border, ring)
		if i == 0 && len(border) == n {
			break
		}
	}
	return border
}

func appendRing(border []edge, ring orb.Ring) []edge {
	if len(ring) < 3 {
		return border
	}
	for _, p := range ring {
		if math.Abs(p.Lat()) <= 90 && math.Abs(p.Lon()) <= maxLongitude {
			continue
		}
		return border
	}
	previous := settled(ring[len(ring)-1])
	for _, p := range ring {
		if p = settled(p); p == previous {
			continue
		}
		e := edge{previous, p}
		if p.Lat() < previous.Lat() || p.Lat() == previous.Lat() && p.Lon() < previous.Lon() {
			e = edge{p, previous}
		}
		border = append(border, e)
		previous = p
	}
	return border
}

// settled is p with zero for what is next to nothing: so the products in [inside] don't
// become too small for a float64, which would make them zero on both sides of an edge.
func settled(p orb.Point) orb.Point {
	for i, degrees := range p {
		if math.Abs(degrees) < 1e-100 {
			p[i] = 0
		}
	}
	return p
}

// inside says on which side of a border p is, when it is within (or not) before any of
// the edges is counted. Each edge east of p changes that; to be on one is to be within.
func inside(edges []edge, within bool, p orb.Point) bool {
	lon, lat := p[0], p[1]
	for i := range edges {
		e := &edges[i]
		if lat < e.a[1] || lat > e.b[1] {
			continue
		}
		// Positive when p is west of the edge.
		side := (e.b[0]-e.a[0])*(lat-e.a[1]) - (e.b[1]-e.a[1])*(lon-e.a[0])
		if side == 0 && between(e.a[0], lon, e.b[0]) {
			return true
		}
		// Half open, so that a vertex counts once for the two edges that meet there.
		if side > 0 && lat < e.b[1] {
			within = !within
		}
	}
	return within
}

func between(a, x, b float64) bool { return a <= x && x <= b || b <= x && x <= a }

// longitudes is from where to where the edge runs between two latitudes, which it must
// reach: exact where it ends between them, rounded where it is cut.
func (e *edge) longitudes(south, north float64) (west, east float64) {
	low, high := e.a.Lon(), e.b.Lon()
	perLat := (high - low) / (e.b.Lat() - e.a.Lat()) // not used when level
	if e.a.Lat() < south {
		low += (south - e.a.Lat()) * perLat
	}
	if e.b.Lat() > north {
		high -= (e.b.Lat() - north) * perLat
	}
	return min(low, high), max(low, high)
}
