package crm

import "strings"

// PlaceKind tells apart what can have custody of a shipment.
type PlaceKind string

// The kinds of places.
const (
	Station         PlaceKind = "station"
	StorageLocation PlaceKind = "storage_location"
	Facility        PlaceKind = "facility"
	Site            PlaceKind = "site"
	Vehicle         PlaceKind = "vehicle"
)

// String says the kind as people do.
func (k PlaceKind) String() string { return strings.ReplaceAll(string(k), "_", " ") }

// Patterns of the resource names of places.
const (
	FacilityPattern        = "facilities/*"
	StationPattern         = "facilities/*/stations/*"
	StorageLocationPattern = "facilities/*/storageLocations/*"
	SitePattern            = "customers/*/sites/*"
	VehiclePattern         = "vehicles/*"
)

// KindOf is the kind of the place with the resource name, and empty for what is no
// place.
func KindOf(name string) PlaceKind {
	for pattern, kind := range map[string]PlaceKind{
		FacilityPattern: Facility, StationPattern: Station, StorageLocationPattern: StorageLocation,
		SitePattern: Site, VehiclePattern: Vehicle,
	} {
		if _, ok := ParseName(pattern, name); ok {
			return kind
		}
	}
	return ""
}

// GroundOf is the resource name of the facility or site on whose ground a place is:
// the owner of the zone in which a vehicle that stands there is.
func GroundOf(name string) string {
	if parts := strings.SplitN(name, "/", 3); len(parts) > 1 && parts[0] == "facilities" {
		return FacilityName(parts[1])
	}
	return name
}

// VehicleOf is the uid in a vehicle's resource name, and empty for other names.
func VehicleOf(name string) string {
	if uid, ok := strings.CutPrefix(name, "vehicles/"); ok {
		return uid
	}
	return ""
}
