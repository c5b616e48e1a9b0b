package order

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/crm"
	"waybill/tracking"
)

// Record stores what happened to a shipment, also when it happened earlier than
// what is known, and derives anew what follows. A call that repeats a request id
// (unless it is empty) returns the event of the first.
//
// The error is [crm.ErrInvalid] for words, places and vehicles that don't go, and
// [crm.ErrNotFound] for an unknown shipment.
func (s *Store) Record(ctx context.Context, e Event, requestID string) (Event, error) {
	e.Automatic, e.Correction = false, ""
	if err := s.checkTime(&e); err != nil {
		return Event{}, err
	}
	if err := s.checkVehicle(ctx, e.Vehicle); err != nil {
		return Event{}, err
	}
	return crm.Once(ctx, requestID,
		func(ctx context.Context) (Event, error) { return s.recorded(ctx, e, requestID) },
		func(ctx context.Context) (Event, error) {
			var stored Event
			err := s.change(ctx, e.Order, e.Vehicle, func(ctx context.Context, tx pgx.Tx, h header) error {
				var err error
				stored, err = s.record(ctx, tx, h, e, requestID)
				return err
			})
			return stored, err
		})
}

func (s *Store) checkTime(e *Event) error {
	now := time.Now().UTC()
	if e.Time.IsZero() {
		e.Time = now
	}
	e.Time = e.Time.UTC().Truncate(tracking.Resolution)
	if e.Time.After(now.Add(FutureTolerance)) {
		return crm.Invalid("event.event_time", "it is in the future; give the time when it happened, in UTC")
	}
	return nil
}

func (s *Store) checkVehicle(ctx context.Context, uid string) error {
	if uid == "" {
		return nil
	}
	_, err := s.motion.Vehicle(ctx, uid)
	if errors.Is(err, tracking.ErrNotFound) {
		return crm.Invalid("event.vehicle", "there is no "+crm.VehicleName(uid)+"; register it first, or correct the name")
	}
	if err != nil {
		return fmt.Errorf("look for vehicle %s: %w", uid, err)
	}
	return nil
}

func (s *Store) recorded(ctx context.Context, e Event, requestID string) (Event, error) {
	rows, err := s.pool.Query(ctx, "select "+eventColumns+" from crm.event where request_id = $1", requestID)
	if err != nil {
		return Event{}, fmt.Errorf("look for request: %w", err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, eventRow)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Event{}, crm.NotFound("request " + requestID)
	case err != nil:
		return Event{}, fmt.Errorf("look for request: %w", err)
	case found.Order != e.Order || found.Shipment != e.Shipment || found.BizStep != e.BizStep:
		return Event{}, crm.OtherRequest()
	}
	return found, nil
}

func (s *Store) record(ctx context.Context, tx pgx.Tx, h header, e Event, requestID string) (Event, error) {
	e, err := Check(e, h.destinationName())
	if err != nil {
		return Event{}, err
	}
	if err := checkReadPoint(ctx, tx, h, e.ReadPoint); err != nil {
		return Event{}, err
	}
	stored, err := insertEvent(ctx, tx, e, requestID)
	if err != nil {
		return Event{}, crm.Broken(err, "event", crm.ShipmentName(e.Order, e.Shipment))
	}
	if _, err := s.derive(ctx, tx, h, e.Shipment, ""); err != nil {
		return Event{}, err
	}
	return stored, settle(ctx, tx, h.id)
}

// checkReadPoint says whether the place exists. A site has to be of the order's own
// customer: goods don't go to another, and the answer tells nobody that it exists.
func checkReadPoint(ctx context.Context, tx pgx.Tx, h header, name string) error {
	if name == "" {
		return nil
	}
	query, pattern := "", ""
	switch crm.KindOf(name) {
	case crm.Facility:
		query, pattern = "select exists (select from crm.facility where id = $1)", crm.FacilityPattern
	case crm.Station:
		query, pattern = "select exists (select from crm.station where facility = $1 and id = $2)", crm.StationPattern
	case crm.StorageLocation:
		query, pattern = "select exists (select from crm.storage_location where facility = $1 and id = $2)", crm.StorageLocationPattern
	case crm.Site:
		query, pattern = "select exists (select from crm.site where customer = $1 and id = $2)", crm.SitePattern
	case crm.Vehicle:
	}
	ids, ok := crm.ParseName(pattern, name)
	missing := crm.Invalid("event.read_point", "there is no "+name+" for this order; create it first, or correct the name")
	if !ok || pattern == crm.SitePattern && ids[0] != h.customer {
		return missing
	}
	args := make([]any, 0, len(ids))
	for _, id := range ids {
		args = append(args, id)
	}
	var exists bool
	if err := tx.QueryRow(ctx, query, args...).Scan(&exists); err != nil {
		return fmt.Errorf("look for %s: %w", name, err)
	}
	if !exists {
		return missing
	}
	return nil
}
