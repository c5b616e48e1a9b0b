// Package geo is pure geometry on the earth: distances, bearings and boxes, with
// no I/O and no clock.
//
// Points are longitude and latitude in degrees, WGS-84, and lengths are metres.
// Lengths and bearings are taken on a sphere of the earth's mean radius
// ([EarthRadius]), which is within 0.56 % of the WGS-84 ellipsoid everywhere. That is
// closer than a receiver's error at the distances where it matters, and several times
// faster; measure boundaries of law in PostGIS, on the geography type.
package geo
