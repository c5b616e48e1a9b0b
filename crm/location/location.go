package location

import (
	"time"

	"github.com/paulmach/orb"

	"waybill/crm"
	"waybill/crm/order"
	"waybill/crm/place"
)

// Location is where an order is.
type Location struct {
	Order     order.Order
	Shipments []Shipment
}

// Freshness is how far a point can be trusted to be of now.
type Freshness string

// The kinds of freshness.
const (
	// Unknown: nobody knows where it is; Shipment.Unknown says why.
	Unknown Freshness = "unknown"
	// Fixed: it is where something that doesn't move is.
	Fixed Freshness = "fixed"
	// Live: from the vehicle, young enough.
	Live Freshness = "live"
	// LastKnown: too old to be called live.
	LastKnown Freshness = "last_known"
)

// Why nobody knows where a shipment is.
const (
	// NotYetMade: nothing has happened yet.
	NotYetMade = "not_yet_made"
	// NeverSeen: the vehicle has told no position.
	NeverSeen = "never_seen"
	// NotSeenSince: the vehicle has told none since it was loaded, and nobody said
	// where that was.
	NotSeenSince = "not_seen_since_loading"
)

// Shipment is where a shipment is.
type Shipment struct {
	ID          string
	Status      order.Status
	Stage       order.Stage
	Disposition string
	// Place has it; nil before anything had.
	Place *Place
	// Point is longitude and latitude in degrees; nil when nobody knows.
	Point *orb.Point
	// AsOf is when the point was true.
	AsOf      time.Time
	Freshness Freshness
	// Since is when the place got it.
	Since time.Time
	// Next is where it goes; nil when it has arrived or nobody has said.
	Next *Place
	// Nearest is, for a position of a vehicle, the known place that is nearest; nil
	// when there is none.
	Nearest *place.Near
	// Speed over ground is in metres a second, Course in degrees clockwise from true
	// north; NaN when unknown.
	Speed, Course float64
	Stages        []order.StageEntry
	// Unknown is why nobody knows, as a stable word.
	Unknown string
}

// Place is what has a shipment, or where it goes.
type Place struct {
	// Name is the resource name; empty where the asker may not know more than the
	// words.
	Name        string
	Kind        crm.PlaceKind
	DisplayName string
	// Facility is the facility that it is in, by what people call it.
	Facility string
	// Point is nil for what moves.
	Point *orb.Point
}
