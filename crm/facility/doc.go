// Package facility has our own places: factories with the stations on their lines,
// warehouses with their storage locations, hubs.
package facility
