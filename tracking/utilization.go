package tracking

import (
	"math"
	"time"
)

// UtilizationQuery asks for what was done day by day.
type UtilizationQuery struct {
	// Vehicle, Device, From and To are as in [JourneyQuery]. Of a day that From or To
	// cuts only the part inside is looked at.
	Vehicle, Device string
	From, To        time.Time
	// Zone says where days begin.
	Zone *time.Location
	// Size is how many days at most.
	Size int
}

// Utilization is what was done on one day. Moving, Idling and Stopped add up to the
// time of which it is known.
type Utilization struct {
	// Date is the day, like 2026-03-04. Start is its midnight, and End the next one.
	Date       string
	Start, End time.Time
	Moving     time.Duration
	// Idling is how long the engine ran at stops, and Stopped the rest of these.
	Idling, Stopped time.Duration
	Distance        Length
	// Trips counts those that began on the day, and MaxSpeed, in metres a second, is
	// the highest of these, NaN when unknown.
	Trips    int
	MaxSpeed float64
	// FirstStart is when the first of the day's trips began, and LastEnd when the last
	// of those that ended on the day did; zero when there is none.
	FirstStart, LastEnd time.Time
}

// NewUtilization returns that of the day that the time falls on in the zone, with
// nothing done yet.
func NewUtilization(at time.Time, zone *time.Location) Utilization {
	start, end := dayOf(at, zone)
	return Utilization{Date: at.In(zone).Format(time.DateOnly), Start: start, End: end, MaxSpeed: math.NaN()}
}

// dayOf gives the midnights around the time. Where clocks are put forward at midnight
// the day begins with the first time that there is.
func dayOf(at time.Time, zone *time.Location) (start, end time.Time) {
	year, month, day := at.In(zone).Date()
	start = midnight(year, month, day, zone)
	// A zone may have left out a day.
	for end = start; !end.After(at); day++ {
		end = midnight(year, month, day+1, zone)
	}
	return start.UTC(), end.UTC()
}

// midnight is the first time of the day.
func midnight(year int, month time.Month, day int, zone *time.Location) time.Time {
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	since, until := t.ZoneBounds()
	switch {
	case t.Hour() > 12 && !until.IsZero(): // it is in a gap, and that is the evening before
		return until
	case t.Hour() > 0 && !since.IsZero(): // it is in a gap, and that is after it
		return since
	case !since.IsZero(): // it may be the second midnight, after clocks were put back
		_, now := t.Zone()
		_, before := since.Add(-1).Zone()
		first := t.Add(time.Duration(now-before) * time.Second)
		if first.Before(since) && first.Day() == t.Day() && first.Hour() == 0 {
			return first
		}
	}
	return t
}

// AddTrip adds the part of a trip between two times of the day.
func (u *Utilization) AddTrip(trip *Trip, from, to time.Time, distance Length) {
	u.Moving += to.Sub(from)
	u.Distance += distance
	if from.Equal(trip.Start) {
		u.Trips++
		if u.FirstStart.IsZero() || from.Before(u.FirstStart) {
			u.FirstStart = from
		}
		if !(trip.MaxSpeed <= u.MaxSpeed) { // NaN is no speed
			u.MaxSpeed = trip.MaxSpeed
		}
	}
	if to.Equal(trip.End) && !trip.UnderWay && to.After(u.LastEnd) {
		u.LastEnd = to
	}
}

// AddStop adds the part of a stop between two times of the day.
func (u *Utilization) AddStop(from, to time.Time, idle time.Duration) {
	u.Idling += idle
	u.Stopped += to.Sub(from) - idle
}
