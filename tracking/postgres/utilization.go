package postgres

import (
	"context"
	"time"

	"waybill/tracking"
)

// segmentPage is how many segments are in memory when many are looked at.
const segmentPage = 500

// Utilizations lists the days of which something is known, by date.
func (h *History) Utilizations(ctx context.Context, query tracking.UtilizationQuery) (days []tracking.Utilization, err error) {
	query.From, query.To = query.From.Truncate(tracking.Resolution), query.To.Truncate(tracking.Resolution)
	err = h.journeys(ctx, query.Vehicle, query.Device, func(j *journeys) error {
		sum := dailySum{journeys: j, query: query}
		err := sum.addAll(ctx)
		days = sum.days[:min(len(sum.days), query.Size)]
		return err
	})
	return days, failed("list utilizations", err)
}

// dailySum adds segments to the days that they are on.
type dailySum struct {
	*journeys

	query tracking.UtilizationQuery
	days  []tracking.Utilization // ascending
}

// addAll reads segments page by page, until one begins after the last day that is wanted.
func (d *dailySum) addAll(ctx context.Context) error {
	query := tracking.JourneyQuery{From: d.query.From, To: d.query.To, Size: segmentPage}
	for {
		page, err := d.page(ctx, query, tripsAndStops)
		if err != nil {
			return err
		}
		for i := range page {
			s := &page[i]
			if n := len(d.days); n > d.query.Size && !s.Start.Before(d.days[n-1].Start) {
				return nil
			}
			if err := d.add(ctx, s); err != nil {
				return err
			}
		}
		if len(page) < query.Size {
			return nil
		}
		last := page[len(page)-1]
		query.After = tracking.JourneyMark{Start: last.Start, Device: last.device}
	}
}

// add cuts the segment at the borders of the time and of its days.
func (d *dailySum) add(ctx context.Context, s *segment) error {
	from, end := s.Start, s.End
	if d.query.From.After(from) {
		from = d.query.From
	}
	if !d.query.To.IsZero() && d.query.To.Before(end) {
		end = d.query.To
	}
	before, err := d.progressOf(ctx, s, from)
	if err != nil {
		return err
	}
	for from.Before(end) {
		day := d.day(from)
		if day == nil {
			return nil
		}
		to := day.End
		if end.Before(to) {
			to = end
		}
		by, err := d.progressOf(ctx, s, to)
		if err != nil {
			return err
		}
		if s.Stop {
			day.AddStop(from, to, by.idle-before.idle)
		} else {
			trip := s.trip()
			day.AddTrip(&trip, from, to, by.distance-before.distance)
		}
		from, before = to, by
	}
	return nil
}

// day is the one that the time is on, nil when it comes after all that are wanted.
func (d *dailySum) day(at time.Time) *tracking.Utilization {
	// Of two devices, segments may begin on an earlier day than the last one ended.
	for i := len(d.days) - 1; i >= 0; i-- {
		if day := &d.days[i]; !at.Before(day.Start) && at.Before(day.End) {
			return day
		}
	}
	if len(d.days) > d.query.Size {
		return nil
	}
	d.days = append(d.days, tracking.NewUtilization(at, d.query.Zone))
	return &d.days[len(d.days)-1]
}
