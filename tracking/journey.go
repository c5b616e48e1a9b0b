package tracking

import (
	"context"
	"time"

	"github.com/paulmach/orb"
)

// Trip is a way from one stop to the next.
type Trip struct {
	Device string
	// Vehicle is the one that the device was on, or empty.
	Vehicle string
	// Start is when it left, and End when it stopped, or was seen last on a trip that
	// is under way.
	Start, End time.Time
	From, To   orb.Point
	// Distance is the way that was counted: steps shorter than the receiver's error
	// are not.
	Distance Length
	// MaxSpeed is in metres a second, NaN when unknown.
	MaxSpeed float64
	// UnderWay says that it is not over yet, as far as is known.
	UnderWay bool
}

// Stop is a stay at one place, between two trips.
type Stop struct {
	Device  string
	Vehicle string
	// Start is the first fix of the stay, and End when it left, or was seen last at a
	// stop that is under way.
	Start, End time.Time
	// Position is the middle of the stay.
	Position orb.Point
	// Idle is how long the engine ran meanwhile, as far as the device says.
	Idle time.Duration
	// UnderWay says that it is not over yet, as far as is known.
	UnderWay bool
	// Zones are the uids of those that the vehicle was in meanwhile, by when it came.
	// [PlaceStops] fills it in.
	Zones []string
}

// JourneyQuery asks for trips or stops that overlap a time.
type JourneyQuery struct {
	// Vehicle is a uid, and Device is when that is empty. What a vehicle did is what
	// its primary devices did while they were fitted to it.
	Vehicle, Device string
	// From is inclusive, and the beginning of history when zero; To is exclusive, and
	// its end when zero.
	From, To time.Time
	// After is where the page before ended; zero for the first page.
	After JourneyMark
	// Size is how many at most.
	Size int
}

// JourneyMark is where a page of trips or stops ends: at what the device began then.
type JourneyMark struct {
	Start  time.Time
	Device string
}

// Journeys is what followed from the fixes of vehicles, as far as it is known by now: a
// late fix may change it. Every method fails with [ErrNotFound] for an unknown vehicle or
// device, and with [ErrUnavailable].
type Journeys interface {
	// Trips lists trips by start and uid of the device.
	Trips(ctx context.Context, query JourneyQuery) ([]Trip, error)
	// Stops lists stops as Trips does trips, without Zones.
	Stops(ctx context.Context, query JourneyQuery) ([]Stop, error)
	// Mileage is how far the vehicle, or device, went in the time; After and Size don't
	// matter. A trip that a border of the time cuts counts with what was counted up to
	// the border, so the mileages of parts add up to that of the whole.
	Mileage(ctx context.Context, query JourneyQuery) (Length, error)
	// Utilizations lists the days of which something is known, by date.
	Utilizations(ctx context.Context, query UtilizationQuery) ([]Utilization, error)
}
