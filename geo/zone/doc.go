// Package zone answers in which of many zones a point is.
//
// An [Index] is an immutable snapshot: build a new one when zones change, and share
// it between goroutines without locks. It keeps an R-tree of the zones' boxes for
// candidates, and for each polygon its edges by slab of latitude, so that the exact
// test looks at a few edges and not at thousands.
//
// # What is inside
//
// Zones are closed: a point on a border is inside, on the border of a hole too (as
// PostGIS's ST_Covers has it). Edges of polygons are straight in longitude and
// latitude, as in GeoJSON (RFC 7946, 3.1.1); circles are distances on the sphere
// ([geo.Distance]). For a point in the middle of an edge "on" is decided in float64,
// but the same way for both zones that share the edge, so no point falls between two
// neighbours.
//
// # The antimeridian
//
// An edge goes the short way round. So a polygon may cross the antimeridian with
// longitudes that jump from 179 to -179, with ones that run on from 179 to 181, or cut
// in two at 180 degrees (RFC 7946, 3.1.9): all are the same zone. A polygon wider than
// 180 degrees needs a point in the middle of its long edges.
package zone
