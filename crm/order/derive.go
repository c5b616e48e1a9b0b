package order

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/tracking"
)

// derive computes what follows from the events of one shipment and stores what has
// changed: automatic events, custody, and the present state. It needs the locks of
// the order and of the vehicles. With a vehicle it leaves the automatic events of
// all others alone, because only the lock of that one is held.
//
// It says whether anything has changed.
func (s *Store) derive(ctx context.Context, tx pgx.Tx, h header, shipment, vehicle string) (bool, error) {
	events, err := holding(ctx, tx, h.id, shipment)
	if err != nil {
		return false, err
	}
	stored := slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return !e.Automatic })
	explicit := slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return e.Automatic })
	custody := Replay(explicit).Custody

	concerned := vehiclesIn(custody, stored)
	if vehicle != "" {
		concerned = []string{vehicle}
	}
	var wanted []Event
	for _, v := range concerned {
		follows, err := s.follow(ctx, custody, h.destinationName(), v)
		if err != nil {
			return false, err
		}
		wanted = append(wanted, follows...)
	}
	others := slices.DeleteFunc(slices.Clone(stored), func(e Event) bool { return slices.Contains(concerned, e.Vehicle) })
	missing, vanished := Diff(stored, slices.Concat(wanted, others))
	changed, err := correct(ctx, tx, vanished)
	if err != nil {
		return false, err
	}
	added, err := s.insertAutomatic(ctx, tx, h.id, shipment, missing)
	if err != nil {
		return false, err
	}
	kept := slices.DeleteFunc(events, func(e Event) bool {
		return slices.ContainsFunc(vanished, func(o Event) bool { return o.ID == e.ID })
	})
	moved, err := keepState(ctx, tx, h.id, shipment, Replay(slices.Concat(kept, added)))
	return changed || len(added) > 0 || moved, err
}

func vehiclesIn(custody []Interval, events []Event) []string {
	var vehicles []string
	for _, i := range custody {
		if v := i.Vehicle(); v != "" && !slices.Contains(vehicles, v) {
			vehicles = append(vehicles, v)
		}
	}
	for _, e := range events {
		if e.Vehicle != "" && !slices.Contains(vehicles, e.Vehicle) {
			vehicles = append(vehicles, e.Vehicle)
		}
	}
	return vehicles
}

// follow computes the automatic events of one vehicle.
func (s *Store) follow(ctx context.Context, custody []Interval, destination, vehicle string) ([]Event, error) {
	var from, to time.Time
	mine := slices.DeleteFunc(slices.Clone(custody), func(i Interval) bool { return i.Vehicle() != vehicle })
	if len(mine) == 0 {
		return nil, nil
	}
	// Custody is in order of time, so the first begins first and the last ends last.
	from, to = mine[0].From, mine[len(mine)-1].To
	visits, err := s.motion.Visits(ctx, vehicle, from, to, tracking.VisitPage{})
	if errors.Is(err, tracking.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("visits of vehicle %s: %w", vehicle, err)
	}
	return Automatic(mine, destination, visits), nil
}

// correct declares events as not having occurred.
func correct(ctx context.Context, tx pgx.Tx, events []Event) (bool, error) {
	if len(events) == 0 {
		return false, nil
	}
	ids := make([]int64, 0, len(events))
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	_, err := tx.Exec(ctx, `
		update crm.event set correction_reason = $2, correction_time = clock_timestamp()
		where id = any($1) and correction_time is null`, ids, DidNotOccur)
	if err != nil {
		return false, fmt.Errorf("correct events: %w", err)
	}
	return true, nil
}

func (s *Store) insertAutomatic(ctx context.Context, tx pgx.Tx, order, shipment string, events []Event) ([]Event, error) {
	added := make([]Event, 0, len(events))
	for _, e := range events {
		e.Order, e.Shipment = order, shipment
		stored, err := insertEvent(ctx, tx, e, "")
		if err != nil {
			return nil, err
		}
		added = append(added, stored)
	}
	return added, nil
}
