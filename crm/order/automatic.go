package order

import (
	"slices"
	"time"

	"waybill/crm"
	"waybill/tracking"
)

// Automatic computes the events that follow from custody and the visits of the
// vehicles that had it: the first departure from the ground where it was loaded,
// and the first arrival at the ground of the destination (a site's resource name,
// or empty). Arrivals elsewhere are only visits.
func Automatic(custody []Interval, destination string, visits []tracking.Visit) []Event {
	visits = slices.SortedStableFunc(slices.Values(visits), func(a, b tracking.Visit) int {
		return a.Arrived.Compare(b.Arrived)
	})
	var events []Event
	for _, interval := range custody {
		vehicle := interval.Vehicle()
		if vehicle == "" {
			continue
		}
		if origin := crm.GroundOf(interval.Origin); origin != "" {
			at, ok := first(visits, vehicle, origin, interval, func(v tracking.Visit) time.Time { return v.Departed })
			if ok {
				events = append(events, automatic(Departing, InTransit, origin, vehicle, at))
			}
		}
		if destination != "" {
			at, ok := first(visits, vehicle, destination, interval, func(v tracking.Visit) time.Time { return v.Arrived })
			if ok {
				events = append(events, automatic(Arriving, InProgress, destination, vehicle, at))
			}
		}
	}
	return events
}

// first is the earliest moment, of those that the visits of the vehicle to the
// ground give, in the interval.
func first(visits []tracking.Visit, vehicle, owner string, in Interval, moment func(tracking.Visit) time.Time) (time.Time, bool) {
	var found time.Time
	for _, v := range visits {
		at := moment(v)
		if v.Vehicle != vehicle || v.Owner != owner || at.IsZero() || !in.Covers(at) {
			continue
		}
		if found.IsZero() || at.Before(found) {
			found = at
		}
	}
	return found, !found.IsZero()
}

func automatic(step, disposition, at, vehicle string, t time.Time) Event {
	return Event{BizStep: step, Disposition: disposition, ReadPoint: at, Vehicle: vehicle, Time: t.UTC(), Automatic: true}
}

// Diff compares the automatic events that are stored and hold with those that
// should: which are missing, and which no longer hold.
func Diff(stored, wanted []Event) (missing, vanished []Event) {
	without := func(all, some []Event) []Event {
		var rest []Event
		for _, e := range all {
			if !slices.ContainsFunc(some, func(o Event) bool { return sameEvent(e, o) }) {
				rest = append(rest, e)
			}
		}
		return rest
	}
	return without(wanted, stored), without(stored, wanted)
}

func sameEvent(a, b Event) bool {
	return a.BizStep == b.BizStep && a.Vehicle == b.Vehicle && a.ReadPoint == b.ReadPoint && a.Time.Equal(b.Time)
}
