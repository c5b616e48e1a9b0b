// Package zone answers in which of many zones a point is.
//
// An [Index] does not change: goroutines share it without locks. It is a grid, with finer
// grids in the cells where borders crowd. A cell that lies wholly in a zone says so and
// no border is looked at; another has the few edges that come near it and, in one bit and
// seldom an edge more, what all the others amount to. So it answers as exactly as if it
// asked every edge of every zone. To ask allocates nothing but what dst needs to grow.
//
// When zones change, [Index.With] makes an index that shares with the one before what
// did not: what is new lies in a small grid above the large one.
//
// # What it costs
//
// With 10,000 zones of 40 corners over a city, of which 3.7 hold a point, an answer
// takes half a microsecond of a free core (BenchmarkAt). Beside the ground itself the
// index keeps 3 kB a zone, four times what its corners take, and building it
// (BenchmarkNewIndex) takes a seventh of a second of a core, and 16 kB a zone while it
// does; to change one zone takes a tenth of a millisecond (BenchmarkWith). What counts
// are corners: a square keeps 0.6 kB, and a country of 5,000 crooked corners 360 kB.
// Zones that lie on each other by the hundred keep up to three times as much.
//
// # What is inside
//
// Zones are closed: a point on a border is inside, on the border of a hole too (as
// PostGIS's ST_Covers has it). Edges of polygons are straight in longitude and
// latitude, as in GeoJSON (RFC 7946, 3.1.1); circles are distances on the sphere
// ([geo.Distance]), and so are corridors, from great circles (package corridor). For a point in the middle of an edge "on" is decided in float64,
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
