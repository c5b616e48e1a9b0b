package order

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"waybill/crm"
)

// Event is what happened to a shipment.
type Event struct {
	// ID orders events that were recorded at the same time; zero before it is stored.
	ID       int64
	Order    string
	Shipment string
	BizStep  string
	// Disposition is the state it leaves the shipment in.
	Disposition string
	// Time is when it happened, Recorded when we were told.
	Time, Recorded time.Time
	// ReadPoint is the resource name of a facility, station, storage location or
	// site, or empty.
	ReadPoint string
	// Vehicle is the uid of the vehicle on which it happened, or empty.
	Vehicle string
	// Automatic events follow from a vehicle's visits.
	Automatic bool
	Note      string
	// Correction is why it no longer holds, and CorrectionTime since when we know;
	// empty while it holds.
	Correction     string
	CorrectionTime time.Time
}

// Name is the resource name.
func (e Event) Name() string {
	return crm.ShipmentName(e.Order, e.Shipment) + "/events/" + strconv.FormatInt(e.ID, 10)
}

// Holds says that the event has not been declared an error.
func (e Event) Holds() bool { return e.Correction == "" }

// inOrder returns the events by event time; of the same time, by when they were
// recorded.
func inOrder(events []Event) []Event {
	return slices.SortedStableFunc(slices.Values(events), func(a, b Event) int {
		return cmp.Or(a.Time.Compare(b.Time), a.Recorded.Compare(b.Recorded), cmp.Compare(a.ID, b.ID))
	})
}

const maxNote = 2000

// Check completes an explicit event with what its step implies and says what is
// wrong with it. The destination is the resource name of the order's site, or
// empty. Places and vehicles are checked by their form here, and by their existence
// when it is recorded.
func Check(e Event, destination string) (Event, error) {
	step, ok := findStep(e.BizStep)
	if !ok {
		return e, crm.Invalid("event.biz_step", "use one of "+stepNames())
	}
	var c crm.Checks
	if e.Disposition == "" {
		e.Disposition = step.dispositions[0]
	}
	c.That(slices.Contains(step.dispositions, e.Disposition), "event.disposition",
		step.name+" leaves a shipment in one of "+strings.Join(step.dispositions, ", ")+"; leave it empty for "+step.dispositions[0])
	if e.ReadPoint == "" && step.toSite {
		e.ReadPoint = destination
	}
	if e.ReadPoint == "" {
		c.That(step.place != must, "event.read_point", step.placeHelp())
	} else {
		c.That(slices.Contains(step.places, crm.KindOf(e.ReadPoint)), "event.read_point", step.placeHelp())
	}
	if e.Vehicle == "" {
		c.That(step.vehicle != must, "event.vehicle", step.name+" needs the vehicle: give vehicles/{vehicle}")
	} else {
		c.That(step.vehicle != never, "event.vehicle", step.name+" happens on no vehicle: leave it empty")
	}
	c.That(len(e.Note) <= maxNote, "event.note", "use at most 2000 bytes")
	return e, c.Err()
}
