package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"waybill/tracking"
)

const selectVehicle = `select uid, display_name, plate, create_time, update_time from tracking.vehicle `

func scanVehicle(row pgx.CollectableRow) (tracking.Vehicle, error) {
	var v tracking.Vehicle
	err := row.Scan(&v.UID, &v.DisplayName, &v.Plate, &v.CreateTime, &v.UpdateTime)
	v.CreateTime, v.UpdateTime = v.CreateTime.UTC(), v.UpdateTime.UTC()
	return v, err
}

// CreateVehicle registers a vehicle.
func (r *Registry) CreateVehicle(ctx context.Context, vehicle tracking.Vehicle, requestID string) (tracking.Vehicle, error) {
	if err := vehicle.Check(); err != nil {
		return tracking.Vehicle{}, err
	}
	uid, err := chosenUID(vehicle.UID, requestID)
	if err != nil {
		return tracking.Vehicle{}, err
	}
	_, err = r.pool.Exec(ctx, `
insert into tracking.vehicle (uid, display_name, plate, request_id) values ($1, $2, $3, nullif($4, ''))`,
		uid, vehicle.DisplayName, vehicle.Plate, requestID)
	if violated(err, codeUniqueViolation) != "" {
		earlier, repeatErr := r.repeated(ctx, "vehicle", requestID)
		if repeatErr != nil {
			return tracking.Vehicle{}, repeatErr
		}
		if earlier == "" {
			return tracking.Vehicle{}, taken(err, map[string]tracking.FieldError{
				"vehicle_uid_key": {Field: "uid", Advice: fmt.Sprintf("a vehicle %q exists; choose another id", uid)},
			})
		}
		return r.Vehicle(ctx, earlier)
	}
	if err != nil {
		return tracking.Vehicle{}, failed("create vehicle", err)
	}
	return r.Vehicle(ctx, uid)
}

// Vehicle returns one.
func (r *Registry) Vehicle(ctx context.Context, uid string) (tracking.Vehicle, error) {
	rows, _ := r.pool.Query(ctx, selectVehicle+"where uid = $1", uid) // collecting returns its error
	vehicle, err := pgx.CollectExactlyOneRow(rows, scanVehicle)
	return vehicle, failed("get vehicle", err)
}

// Vehicles lists them by uid.
func (r *Registry) Vehicles(ctx context.Context, page tracking.Page) ([]tracking.Vehicle, error) {
	rows, _ := r.pool.Query(ctx, selectVehicle+"where uid > $1 order by uid limit $2", page.After, page.Size)
	vehicles, err := pgx.CollectRows(rows, scanVehicle)
	return vehicles, failed("list vehicles", err)
}

// UpdateVehicle changes the fields that the mask names.
func (r *Registry) UpdateVehicle(ctx context.Context, vehicle tracking.Vehicle, mask tracking.VehicleMask) (tracking.Vehicle, error) {
	if !mask.DisplayName {
		vehicle.DisplayName = ""
	}
	if !mask.Plate {
		vehicle.Plate = ""
	}
	if err := vehicle.Check(); err != nil {
		return tracking.Vehicle{}, err
	}
	tag, err := r.pool.Exec(ctx, `
update tracking.vehicle set
    display_name = case when $2 then $3 else display_name end,
    plate = case when $4 then $5 else plate end,
    update_time = now()
where uid = $1`, vehicle.UID, mask.DisplayName, vehicle.DisplayName, mask.Plate, vehicle.Plate)
	if err != nil {
		return tracking.Vehicle{}, failed("update vehicle", err)
	}
	if tag.RowsAffected() == 0 {
		return tracking.Vehicle{}, tracking.ErrNotFound
	}
	return r.Vehicle(ctx, vehicle.UID)
}
