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
	// Exactly one of Area (closed rings, holes after the outer ring), Radius with Center,
	// and Path with Width says where it is. Radius is in metres, and so is Width, which
	// reaches to each side of the path and around its ends.
	Area   orb.MultiPolygon
	Center orb.Point
	Radius float64
	Path   orb.LineString
	Width  float64
	// SpeedLimit is how fast a vehicle may drive in the zone, in metres a second; zero
	// for none.
	SpeedLimit float64
	// DwellLimit is how long a vehicle may stay in the zone; zero for none.
	DwellLimit time.Duration
	CreateTime time.Time
	UpdateTime time.Time
}
