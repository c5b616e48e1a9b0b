package tracking

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"time"
)

// visitPage is how many visits are in memory when all are read.
const visitPage = 1_000

// ZoneTime is how long a vehicle was in a zone.
type ZoneTime struct {
	Zone  string
	Owner string
	// Visits counts those that overlap the time that was asked for.
	Visits   int
	Duration time.Duration
}

// Seen says where vehicles were last seen.
type Seen interface {
	// Position is as in [Positions].
	Position(ctx context.Context, vehicle string) (Position, error)
}

// ZoneTimes sums up the visits of the vehicle between from and to (as in [Visits]), the
// longest first. A visit that goes on lasts up to when the vehicle was last seen. It
// fails as [Visits] does.
func ZoneTimes(ctx context.Context, visits Visits, seen Seen, vehicle string, from, to time.Time) ([]ZoneTime, error) {
	last, err := seen.Position(ctx, vehicle)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	if to.IsZero() || last.Fix.Time.Before(to) {
		to = last.Fix.Time
	}
	byZone := make(map[string]*ZoneTime)
	for visit, err := range allVisits(ctx, visits, vehicle, from, to) {
		if err != nil {
			return nil, err
		}
		spent := within(visit, from, to)
		if spent <= 0 {
			continue
		}
		zone := byZone[visit.Zone]
		if zone == nil {
			zone = &ZoneTime{Zone: visit.Zone, Owner: visit.Owner}
			byZone[visit.Zone] = zone
		}
		zone.Visits++
		zone.Duration += spent
	}
	times := make([]ZoneTime, 0, len(byZone))
	for _, zone := range byZone {
		times = append(times, *zone)
	}
	slices.SortFunc(times, func(a, b ZoneTime) int {
		return cmp.Or(cmp.Compare(b.Duration, a.Duration), cmp.Compare(a.Zone, b.Zone))
	})
	return times, nil
}

// within is how much of the visit is between the times.
func within(visit Visit, from, to time.Time) time.Duration {
	begin, end := visit.Arrived, visit.Departed
	if begin.Before(from) {
		begin = from
	}
	if end.IsZero() || end.After(to) {
		end = to
	}
	return end.Sub(begin)
}

// allVisits reads page by page the visits that overlap the time.
func allVisits(ctx context.Context, visits Visits, vehicle string, from, to time.Time) iter.Seq2[Visit, error] {
	return func(yield func(Visit, error) bool) {
		page := VisitPage{Size: visitPage}
		for {
			some, err := visits.Visits(ctx, vehicle, from, to, page)
			if err != nil {
				yield(Visit{}, err)
				return
			}
			for _, visit := range some {
				if !yield(visit, nil) {
					return
				}
			}
			if len(some) < page.Size {
				return
			}
			last := some[len(some)-1]
			page.Arrived, page.Zone = last.Arrived, last.Zone
		}
	}
}

// PlaceStops fills in the zones that the vehicle was in at each of its stops, which are
// ascending by time. It fails as [Visits] does.
func PlaceStops(ctx context.Context, visits Visits, vehicle string, stops []Stop) error {
	if len(stops) == 0 {
		return nil
	}
	last := stops[0].End
	for i := range stops {
		if stops[i].End.After(last) {
			last = stops[i].End
		}
	}
	for visit, err := range allVisits(ctx, visits, vehicle, stops[0].Start, last) {
		if err != nil {
			return err
		}
		for i := range stops {
			s := &stops[i]
			inTime := visit.Arrived.Before(s.End) && (visit.Departed.IsZero() || visit.Departed.After(s.Start))
			if inTime && !slices.Contains(s.Zones, visit.Zone) {
				s.Zones = append(s.Zones, visit.Zone)
			}
		}
	}
	return nil
}
