package order

import (
	"time"

	"waybill/crm"
)

// State is what the events of a shipment come to.
type State struct {
	Stage       Stage
	Status      Status
	Disposition string
	// Holder is the resource name of the place or vehicle that has the shipment;
	// empty before anybody had it.
	Holder string
	// Since is when the holder got it.
	Since time.Time
	// Departed and Arrived tell of a holder that is a vehicle: it has left where it
	// was loaded, and it has come to a site.
	Departed, Arrived bool
	// Custody is who had it when, without gaps, the oldest first.
	Custody []Interval
	// Stages are those it has been through, the oldest first.
	Stages []StageEntry
}

// Interval is a time of custody.
type Interval struct {
	// Holder is the resource name of the place or vehicle.
	Holder string
	// Origin is, for a vehicle, where it was loaded: a place's resource name, or
	// empty when nobody said.
	Origin string
	// From is inclusive; To is exclusive, and zero while it lasts.
	From, To time.Time
}

// Vehicle is the uid of the vehicle that is the holder, or empty.
func (i Interval) Vehicle() string { return crm.VehicleOf(i.Holder) }

// Covers says whether the time is in the interval.
func (i Interval) Covers(t time.Time) bool {
	return !t.Before(i.From) && (i.To.IsZero() || t.Before(i.To))
}

// StageEntry is when a shipment came to a stage.
type StageEntry struct {
	Stage Stage
	Time  time.Time
}

// Replay computes what the events of one shipment come to. It goes by event time
// (of the same, by record time), whatever order they are given or were recorded in,
// and leaves out those that no longer hold.
//
// Automatic events move nothing from one holder to another: they follow from
// custody, so custody must not follow from them.
func Replay(events []Event) State {
	r := replay{state: State{Status: StatusPending}}
	for _, e := range inOrder(events) {
		if e.Holds() {
			r.apply(e)
		}
	}
	return r.state
}

type replay struct {
	state State
	// place is the last holder that doesn't move.
	place string
	// damaged and returned persist until an event takes them back.
	damaged, returned bool
}

func (r *replay) apply(e Event) {
	if !e.Automatic {
		r.move(e)
	}
	r.dispose(e)
	r.progress(e)
	if stage := r.stageAfter(e); stage != r.state.Stage {
		r.state.Stage = stage
		r.state.Stages = append(r.state.Stages, StageEntry{Stage: stage, Time: e.Time})
	}
	r.state.Status = r.status()
}

// move gives the shipment to who has it after the event.
func (r *replay) move(e Event) {
	onVehicle := crm.VehicleOf(r.state.Holder) != ""
	switch e.BizStep {
	case Loading, Shipping, Departing, Transporting, Arriving:
		if e.Vehicle != "" {
			r.load(e)
		}
	case Inspecting:
		// Looking at it takes it off no vehicle.
		if !onVehicle && e.Vehicle == "" {
			r.hold(e.ReadPoint, "", e.Time)
		}
	default:
		r.hold(e.ReadPoint, "", e.Time)
	}
}

func (r *replay) load(e Event) {
	origin := r.place
	if e.ReadPoint != "" && e.BizStep != Arriving {
		origin = e.ReadPoint
	}
	r.hold(crm.VehicleName(e.Vehicle), origin, e.Time)
}

func (r *replay) hold(holder, origin string, at time.Time) {
	if crm.VehicleOf(holder) == "" && holder != "" {
		r.place = holder
	}
	if holder == "" || holder == r.state.Holder {
		return
	}
	custody := r.state.Custody
	if last := len(custody) - 1; last >= 0 {
		custody[last].To = at
		if custody[last].From.Equal(at) {
			custody = custody[:last]
		}
	}
	r.state.Custody = append(custody, Interval{Holder: holder, Origin: origin, From: at})
	r.state.Holder, r.state.Since = holder, at
	r.state.Departed, r.state.Arrived = false, false
}

// progress notes how far the vehicle is with it.
func (r *replay) progress(e Event) {
	if crm.VehicleOf(r.state.Holder) == "" {
		return
	}
	switch e.BizStep {
	case Departing, Transporting, Shipping:
		r.state.Departed, r.state.Arrived = true, false
	case Arriving:
		r.state.Departed = true
		r.state.Arrived = crm.KindOf(e.ReadPoint) == crm.Site
	}
}

// dispose notes the disposition that the event leaves; damage persists until an
// inspection takes it back, or the thing is made anew.
func (r *replay) dispose(e Event) {
	switch {
	case e.Disposition == Damaged:
		r.damaged = true
	case e.Disposition == Conformant, e.BizStep == Commissioning:
		r.damaged = false
	}
	switch {
	case e.Disposition == ReturnedGoods:
		r.returned = true
	case e.BizStep == Commissioning, e.BizStep == Accepting:
		r.returned = false
	}
	r.state.Disposition = e.Disposition
	if r.damaged {
		r.state.Disposition = Damaged
	}
}
