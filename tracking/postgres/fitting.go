package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/tracking"
)

// FitDevice says that a device is on a vehicle from a time on, until the next
// fitting of the device that is dated later, if there is one.
func (r *Registry) FitDevice(ctx context.Context, fitting tracking.Fitting) error {
	err := pgx.BeginFunc(ctx, r.pool, func(tx pgx.Tx) error {
		device, vehicle, err := fittingKeys(ctx, tx, &fitting)
		if err != nil {
			return err
		}
		holds, err := fittingHolds(ctx, tx, device, vehicle, fitting)
		if holds || err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
update tracking.fitting set to_time = $2 where device_id = $1 and from_time < $2 and $2 < to_time`,
			device, fitting.From)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
insert into tracking.fitting (device_id, vehicle_id, is_primary, from_time, to_time)
select $1, $2, $3, $4, coalesce(min(from_time), 'infinity')
from tracking.fitting where device_id = $1 and from_time > $4`,
			device, vehicle, fitting.Primary, fitting.From)
		return err
	})
	var fieldError *tracking.FieldError
	switch {
	case errors.As(err, &fieldError):
		return err
	case violated(err, exclusionViolation) == "fitting_primary_once":
		return r.otherPrimary(ctx, fitting)
	}
	return failed("fit device", err)
}

// fittingKeys finds the keys of device and vehicle and fills in the time. It locks
// the device, so that its fittings change one after the other.
func fittingKeys(ctx context.Context, tx pgx.Tx, fitting *tracking.Fitting) (device, vehicle int64, err error) {
	var now time.Time
	err = tx.QueryRow(ctx, "select id, now() from tracking.device where uid = $1 for update", fitting.Device).Scan(&device, &now)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, unknown("device", fitting.Device)
	}
	if err != nil {
		return 0, 0, err
	}
	err = tx.QueryRow(ctx, "select id from tracking.vehicle where uid = $1", fitting.Vehicle).Scan(&vehicle)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, unknown("vehicle", fitting.Vehicle)
	}
	if fitting.From.IsZero() {
		fitting.From = now
	}
	return device, vehicle, err
}

func unknown(kind, uid string) error {
	return &tracking.FieldError{
		Field: kind, Err: tracking.ErrNotFound,
		Advice: fmt.Sprintf("there is no %s %q; create it first", kind, uid),
	}
}

// fittingHolds says whether the fitting is stored already, in the words of the
// fitting that holds at its beginning.
func fittingHolds(ctx context.Context, tx pgx.Tx, device, vehicle int64, fitting tracking.Fitting) (bool, error) {
	var onVehicle int64
	var primary bool
	var from time.Time
	err := tx.QueryRow(ctx, `
select vehicle_id, is_primary, from_time from tracking.fitting
where device_id = $1 and from_time <= $2 and $2 < to_time`, device, fitting.From).Scan(&onVehicle, &primary, &from)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if onVehicle == vehicle && primary == fitting.Primary {
		return true, nil
	}
	if from.Equal(fitting.From) {
		return false, &tracking.FieldError{
			Field: "from_time", Err: tracking.ErrFitted,
			Advice: "the device is fitted differently from this very time on; give a later time",
		}
	}
	return false, nil
}

// otherPrimary says which device is in the way.
func (r *Registry) otherPrimary(ctx context.Context, fitting tracking.Fitting) error {
	var device string
	var from time.Time
	err := r.pool.QueryRow(ctx, `
select d.uid, f.from_time from tracking.fitting f
join tracking.device d on d.id = f.device_id
join tracking.vehicle v on v.id = f.vehicle_id
where v.uid = $1 and f.is_primary and $2 < f.to_time and d.uid <> $3
order by f.from_time limit 1`, fitting.Vehicle, fitting.From, fitting.Device).Scan(&device, &from)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return failed("find the other device", err)
	}
	return &tracking.FieldError{
		Field: "vehicle", Err: tracking.ErrFitted,
		Advice: fmt.Sprintf("%s has the primary device %q from %s on; fit that one elsewhere first, or fit this one as secondary",
			fitting.Vehicle, device, from.UTC().Format(time.RFC3339)),
	}
}
