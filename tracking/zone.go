package tracking

import (
	"time"

	"github.com/paulmach/orb"
)

// Zone is a geofence: a piece of ground whose entering and leaving matters.
type Zone struct {
	UID         string
	DisplayName string
	// Owner is the resource name of the facility or site whose ground it is, or
	// empty for a zone of its own. An owner has at most one zone.
	Owner string
	// Exactly one of Area (closed rings, holes after the outer ring) and Radius
	// with Center says where it is. Radius is in metres.
	Area       orb.MultiPolygon
	Center     orb.Point
	Radius     float64
	CreateTime time.Time
	UpdateTime time.Time
}
