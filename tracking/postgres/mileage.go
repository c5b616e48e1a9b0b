package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"waybill/tracking"
)

// Mileage is how far the vehicle, or device, went in the time.
func (h *History) Mileage(ctx context.Context, query tracking.JourneyQuery) (total tracking.Length, err error) {
	err = h.journeys(ctx, query.Vehicle, query.Device, func(j *journeys) error {
		var err error
		total, err = j.mileage(ctx, query.From.Truncate(tracking.Resolution), query.To.Truncate(tracking.Resolution))
		return err
	})
	return total, failed("measure mileage", err)
}

// mileage adds up the trips that are inside of the time, and measures those that its
// borders cut and those under way.
func (j *journeys) mileage(ctx context.Context, from, to time.Time) (total tracking.Length, err error) {
	owner := "device_id"
	if j.ofVehicle {
		owner = "vehicle_id"
	}
	err = j.tx.QueryRow(ctx, `
select coalesce(sum(distance), 0)::bigint from tracking.segment
where `+owner+` = $1 and start_time >= $2 and start_time < $3 and end_time <= $3 and not stop`,
		j.key, orInfinity(from, pgtype.NegativeInfinity), orInfinity(to, pgtype.Infinity)).Scan(&total)
	if err != nil {
		return 0, err
	}
	cut, err := j.cut(ctx, from, to)
	if err != nil {
		return 0, err
	}
	for i := range cut {
		part, err := j.lengthWithin(ctx, &cut[i], from, to)
		if err != nil {
			return 0, err
		}
		total += part
	}
	return total, nil
}

// cut are the trips that go over a border of the time, and those under way that overlap
// it.
func (j *journeys) cut(ctx context.Context, from, to time.Time) ([]segment, error) {
	var cut []segment
	for _, border := range []time.Time{from, to} {
		if border.IsZero() || !to.IsZero() && !from.Before(to) {
			continue
		}
		across, err := j.page(ctx, tracking.JourneyQuery{From: border, To: border.Add(tracking.Resolution), Size: maxAcross}, onlyTrips)
		if err != nil {
			return nil, err
		}
		for _, s := range across {
			// One that both borders cut is found with the first.
			if s.Start.Before(border) && !s.isOpen(j.open) && (border.Equal(from) || !s.Start.Before(from)) {
				cut = append(cut, s)
			}
		}
	}
	for _, s := range j.open {
		if onlyTrips.has(&s) && s.overlaps(from, to) {
			cut = append(cut, s)
		}
	}
	return cut, nil
}

// maxAcross bounds how many devices of a vehicle were on a trip at one moment: one, where
// its fittings tell no stories.
const maxAcross = 100

func (s *segment) isOpen(open []segment) bool {
	for i := range open {
		if open[i].deviceID == s.deviceID && open[i].Start.Equal(s.Start) {
			return true
		}
	}
	return false
}

// lengthWithin is how much of the trip was counted between the times.
func (j *journeys) lengthWithin(ctx context.Context, s *segment, from, to time.Time) (tracking.Length, error) {
	before, err := j.progressOf(ctx, s, from)
	if err != nil {
		return 0, err
	}
	if to.IsZero() {
		return tracking.Length(s.Distance) - before.distance, nil
	}
	after, err := j.progressOf(ctx, s, to)
	return after.distance - before.distance, err
}
