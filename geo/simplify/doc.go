// Package simplify draws a track with fewer points: with as few as stay within a
// tolerance of it ([Tolerance]), or with at most so many as there is room for ([Budget]).
//
// Both take points as they come and remember a bounded number of them, so a track of
// any length goes through. Both keep its first point, its last one, and the order. The
// line that is drawn is great circles between kept points, on the sphere of
// [geo.EarthRadius]; distances to it are found with vectors from the middle of the
// earth, so they hold at the poles and across the antimeridian as they do elsewhere.
//
// One after the other they do both: what [Tolerance] kept goes into a [Budget], and no
// dropped point is further from the line than both deviations together.
package simplify
