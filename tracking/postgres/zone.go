package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"waybill/tracking"
)

const selectZone = `
select uid, display_name, coalesce(owner, ''), ST_AsBinary(area),
       coalesce(ST_X(center), 0), coalesce(ST_Y(center), 0), coalesce(radius, 0), ST_AsBinary(corridor), coalesce(width, 0),
       coalesce(speed_limit, 0), coalesce(dwell_limit, interval '0'), create_time, update_time
from tracking.zone where delete_time is null `

func scanZone(row pgx.CollectableRow) (tracking.Zone, error) {
	var z tracking.Zone
	var area, path []byte
	err := row.Scan(&z.UID, &z.DisplayName, &z.Owner, &area, &z.Center[0], &z.Center[1], &z.Radius, &path, &z.Width,
		&z.SpeedLimit, &z.DwellLimit, &z.CreateTime, &z.UpdateTime)
	if err != nil {
		return z, err
	}
	z.CreateTime, z.UpdateTime = z.CreateTime.UTC(), z.UpdateTime.UTC()
	if z.Area, err = decodeArea(area); err != nil {
		return z, err
	}
	z.Path, err = decodePath(path)
	return z, err
}

// CreateZone draws a zone.
func (r *Registry) CreateZone(ctx context.Context, zone tracking.Zone, requestID string) (tracking.Zone, error) {
	if err := zone.Check(); err != nil {
		return tracking.Zone{}, err
	}
	uid, err := chosenUID(zone.UID, requestID)
	if err != nil {
		return tracking.Zone{}, err
	}
	g, err := r.encodeGround(ctx, zone)
	if err != nil {
		return tracking.Zone{}, err
	}
	_, err = r.pool.Exec(ctx, `
insert into tracking.zone (uid, display_name, request_id, area, center, radius, corridor, width, speed_limit, dwell_limit)
values ($1, $2, nullif($3, ''), ST_GeomFromWKB($4, 4326), ST_GeomFromWKB($5, 4326), $6, ST_GeomFromWKB($7, 4326), $8,
    nullif($9::float8, 0), nullif($10::interval, interval '0'))`,
		uid, zone.DisplayName, requestID, g.area, g.center, g.radius, g.corridor, g.width, zone.SpeedLimit, zone.DwellLimit)
	if violated(err, codeUniqueViolation) != "" {
		earlier, repeatErr := r.repeated(ctx, "zone", requestID)
		if repeatErr != nil {
			return tracking.Zone{}, repeatErr
		}
		if earlier == "" {
			return tracking.Zone{}, taken(err, map[string]tracking.FieldError{
				"zone_uid_key": {Field: "uid", Advice: fmt.Sprintf("a zone %q exists or existed; choose another id", uid)},
			})
		}
		return r.Zone(ctx, earlier)
	}
	if err != nil {
		return tracking.Zone{}, failed("create zone", err)
	}
	return r.Zone(ctx, uid)
}

// Zone returns one.
func (r *Registry) Zone(ctx context.Context, uid string) (tracking.Zone, error) {
	rows, _ := r.pool.Query(ctx, selectZone+"and uid = $1", uid) // collecting returns its error
	zone, err := pgx.CollectExactlyOneRow(rows, scanZone)
	return zone, failed("get zone", err)
}

// Zones lists them by uid.
func (r *Registry) Zones(ctx context.Context, page tracking.Page) ([]tracking.Zone, error) {
	rows, _ := r.pool.Query(ctx, selectZone+"and uid > $1 order by uid limit $2", page.After, page.Size)
	zones, err := pgx.CollectRows(rows, scanZone)
	return zones, failed("list zones", err)
}

// UpdateZone changes the fields that the mask names.
func (r *Registry) UpdateZone(ctx context.Context, zone tracking.Zone, mask tracking.ZoneMask) (tracking.Zone, error) {
	if mask.DisplayName {
		if err := tracking.CheckText("display_name", zone.DisplayName); err != nil {
			return tracking.Zone{}, err
		}
	}
	if mask.SpeedLimit || mask.DwellLimit {
		if err := zone.CheckLimits(); err != nil {
			return tracking.Zone{}, err
		}
	}
	var g ground
	if mask.Ground {
		if err := zone.CheckGround(); err != nil {
			return tracking.Zone{}, err
		}
		var err error
		if g, err = r.encodeGround(ctx, zone); err != nil {
			return tracking.Zone{}, err
		}
	}
	tag, err := r.pool.Exec(ctx, `
update tracking.zone set
    display_name = case when $2 then $3 else display_name end,
    area = case when $4 then ST_GeomFromWKB($5, 4326) else area end,
    center = case when $4 then ST_GeomFromWKB($6, 4326) else center end,
    radius = case when $4 then $7 else radius end,
    corridor = case when $4 then ST_GeomFromWKB($8, 4326) else corridor end,
    width = case when $4 then $9 else width end,
    speed_limit = case when $10 then nullif($11::float8, 0) else speed_limit end,
    dwell_limit = case when $12 then nullif($13::interval, interval '0') else dwell_limit end,
    update_time = now()
where uid = $1 and delete_time is null and (owner is null or not ($2 or $4))`,
		zone.UID, mask.DisplayName, zone.DisplayName, mask.Ground, g.area, g.center, g.radius, g.corridor, g.width,
		mask.SpeedLimit, zone.SpeedLimit, mask.DwellLimit, zone.DwellLimit)
	if err != nil {
		return tracking.Zone{}, failed("update zone", err)
	}
	if tag.RowsAffected() == 0 {
		return tracking.Zone{}, r.whyUntouched(ctx, zone.UID)
	}
	return r.Zone(ctx, zone.UID)
}

// DeleteZone removes a zone. Its row stays, because visits speak of it.
func (r *Registry) DeleteZone(ctx context.Context, uid string) error {
	tag, err := r.pool.Exec(ctx, `
update tracking.zone set delete_time = now(), update_time = now()
where uid = $1 and delete_time is null and owner is null`, uid)
	if err != nil {
		return failed("delete zone", err)
	}
	if tag.RowsAffected() == 0 {
		return r.whyUntouched(ctx, uid)
	}
	return nil
}

func (r *Registry) whyUntouched(ctx context.Context, uid string) error {
	zone, err := r.Zone(ctx, uid)
	switch {
	case err != nil:
		return err
	case zone.Owner == "":
		return fmt.Errorf("zone %s: %w", uid, errors.Join(tracking.ErrUnavailable, errors.New("it was changed meanwhile")))
	}
	return &tracking.FieldError{
		Field: "name", Err: tracking.ErrOwned,
		Advice: "the zone is the ground of " + zone.Owner + "; change name and area there",
	}
}
