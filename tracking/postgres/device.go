package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/tracking"
)

const selectDevice = `
select d.uid, d.display_name, d.imei, d.phone, d.time_zone, d.disabled,
       coalesce(v.uid, ''), d.credential_hash is not null, d.create_time, d.update_time,
       coalesce(d.speed_limit, 0), d.temperature_min, d.temperature_max, coalesce(d.tilt_limit, 0), d.door_alert, d.silent_after, d.model
from tracking.device d
left join tracking.fitting f on f.device_id = d.id and f.from_time <= now() and now() < f.to_time
left join tracking.vehicle v on v.id = f.vehicle_id
`

func scanDevice(row pgx.CollectableRow) (tracking.Device, error) {
	var d tracking.Device
	var zone string
	var silentAfter *time.Duration
	limits := &d.Limits
	err := row.Scan(&d.UID, &d.DisplayName, &d.IMEI, &d.Phone, &zone, &d.Disabled,
		&d.Vehicle, &d.HasCredential, &d.CreateTime, &d.UpdateTime,
		&limits.Speed, &limits.MinTemperature, &limits.MaxTemperature, &limits.Tilt, &limits.Door, &silentAfter, &d.Model)
	if err != nil {
		return d, err
	}
	limits.SilentAfter = silenceOf(silentAfter)
	d.CreateTime, d.UpdateTime = d.CreateTime.UTC(), d.UpdateTime.UTC()
	d.Zone, err = time.LoadLocation(zone)
	if err != nil {
		return d, fmt.Errorf("device %s: %w", d.UID, err)
	}
	return d, nil
}

// CreateDevice registers a device with an empty state.
func (r *Registry) CreateDevice(ctx context.Context, device tracking.Device, requestID string) (tracking.Device, error) {
	device, err := r.normalDevice(device)
	if err != nil {
		return tracking.Device{}, err
	}
	if device.UID, err = chosenUID(device.UID, requestID); err != nil {
		return tracking.Device{}, err
	}
	_, err = r.pool.Exec(ctx, `
with device as (
    insert into tracking.device (uid, display_name, imei, phone, time_zone, disabled, request_id,
        speed_limit, temperature_min, temperature_max, tilt_limit, door_alert, silent_after, model)
    values ($1, $2, $3, $4, $5, $6, nullif($7, ''), nullif($8::float8, 0), $9, $10, nullif($11::float8, 0), $12, $13, $14) returning id
)
insert into tracking.device_state (device_id) select id from device`,
		device.UID, device.DisplayName, device.IMEI, device.Phone, device.Zone.String(), device.Disabled, requestID,
		device.Limits.Speed, device.Limits.MinTemperature, device.Limits.MaxTemperature, device.Limits.Tilt, device.Limits.Door, silenceColumn(device.Limits), device.Model)
	if violated(err, codeUniqueViolation) != "" {
		uid, repeatErr := r.repeated(ctx, "device", requestID)
		if repeatErr != nil {
			return tracking.Device{}, repeatErr
		}
		if uid == "" {
			return tracking.Device{}, deviceExists(err, device)
		}
		return r.Device(ctx, uid)
	}
	if err != nil {
		return tracking.Device{}, failed("create device", err)
	}
	return r.Device(ctx, device.UID)
}

// Device returns one.
func (r *Registry) Device(ctx context.Context, uid string) (tracking.Device, error) {
	return r.deviceWhere(ctx, "d.uid = $1", uid)
}

func (r *Registry) deviceWhere(ctx context.Context, condition string, arg any) (tracking.Device, error) {
	rows, _ := r.pool.Query(ctx, selectDevice+"where "+condition, arg) // collecting returns its error
	device, err := pgx.CollectExactlyOneRow(rows, scanDevice)
	return device, failed("get device", err)
}

// Devices lists them by uid.
func (r *Registry) Devices(ctx context.Context, page tracking.Page) ([]tracking.Device, error) {
	rows, _ := r.pool.Query(ctx, selectDevice+"where d.uid > $1 order by d.uid limit $2", page.After, page.Size)
	devices, err := pgx.CollectRows(rows, scanDevice)
	return devices, failed("list devices", err)
}

// UpdateDevice changes the fields that the mask names.
func (r *Registry) UpdateDevice(ctx context.Context, device tracking.Device, mask tracking.DeviceMask) (tracking.Device, error) {
	// What isn't in the mask isn't looked at.
	if !mask.Phone {
		device.Phone = ""
	}
	if !mask.IMEI {
		device.IMEI = ""
	}
	if !mask.Model {
		device.Model = ""
	}
	if !mask.DisplayName {
		device.DisplayName = ""
	}
	if !mask.Limits {
		device.Limits = tracking.Limits{}
	}
	device, err := r.normalDevice(device)
	if err != nil {
		return tracking.Device{}, err
	}
	tag, err := r.pool.Exec(ctx, `
update tracking.device set
    display_name = case when $2 then $3 else display_name end,
    imei = case when $4 then $5 else imei end,
    phone = case when $6 then $7 else phone end,
    time_zone = case when $8 then $9 else time_zone end,
    disabled = case when $10 then $11 else disabled end,
    speed_limit = case when $12 then nullif($13::float8, 0) else speed_limit end,
    temperature_min = case when $12 then $14 else temperature_min end,
    temperature_max = case when $12 then $15 else temperature_max end,
    tilt_limit = case when $12 then nullif($16::float8, 0) else tilt_limit end,
    door_alert = case when $12 then $17 else door_alert end,
    silent_after = case when $12 then $18 else silent_after end,
    model = case when $19 then $20 else model end,
    update_time = now()
where uid = $1`, device.UID, mask.DisplayName, device.DisplayName, mask.IMEI, device.IMEI, mask.Phone, device.Phone,
		mask.Zone, device.Zone.String(), mask.Disabled, device.Disabled, mask.Limits,
		device.Limits.Speed, device.Limits.MinTemperature, device.Limits.MaxTemperature, device.Limits.Tilt, device.Limits.Door, silenceColumn(device.Limits), mask.Model, device.Model)
	if exists := deviceExists(err, device); exists != nil {
		return tracking.Device{}, exists
	}
	if err != nil {
		return tracking.Device{}, failed("update device", err)
	}
	if tag.RowsAffected() == 0 {
		return tracking.Device{}, tracking.ErrNotFound
	}
	return r.Device(ctx, device.UID)
}

func (r *Registry) normalDevice(d tracking.Device) (tracking.Device, error) {
	if err := d.Check(); err != nil {
		return d, err
	}
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	if d.Phone != "" {
		phone, ok := normalPhone(d.Phone, r.region)
		if !ok {
			return d, &tracking.FieldError{
				Field: "phone", Err: tracking.ErrInvalid,
				Advice: fmt.Sprintf("%q is not a phone number; give it with + and the country code", d.Phone),
			}
		}
		d.Phone = phone
	}
	return d, nil
}

func deviceExists(err error, d tracking.Device) error {
	return taken(err, map[string]tracking.FieldError{
		"device_uid_key":   {Field: "uid", Advice: fmt.Sprintf("a device %q exists; choose another id", d.UID)},
		"device_imei_key":  {Field: "imei", Advice: fmt.Sprintf("another device has the IMEI %s; take it from that one first", d.IMEI)},
		"device_phone_key": {Field: "phone", Advice: fmt.Sprintf("another device has the number %s; take it from that one first", d.Phone)},
	})
}
