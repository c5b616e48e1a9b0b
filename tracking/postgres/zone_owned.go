package postgres

import (
	"context"

	"waybill/tracking"
)

// PutOwnedZone sets the one zone of its owner, or removes it when the zone has no
// ground.
func (r *Registry) PutOwnedZone(ctx context.Context, zone tracking.Zone) (tracking.Zone, error) {
	if zone.Owner == "" || tracking.CheckText("owner", zone.Owner) != nil {
		return tracking.Zone{}, &tracking.FieldError{
			Field: "owner", Err: tracking.ErrInvalid, Advice: "give the resource name of the facility or site",
		}
	}
	if !zone.HasGround() {
		_, err := r.pool.Exec(ctx, `
update tracking.zone set delete_time = now(), update_time = now() where owner = $1 and delete_time is null`, zone.Owner)
		return tracking.Zone{}, failed("remove zone", err)
	}
	if err := zone.Check(); err != nil {
		return tracking.Zone{}, err
	}
	g, err := r.encodeGround(ctx, zone)
	if err != nil {
		return tracking.Zone{}, err
	}
	var uid string
	// A zone that was removed comes back as the same, for its visits.
	err = r.pool.QueryRow(ctx, `
insert into tracking.zone as zone (uid, display_name, owner, area, center, radius, corridor, width)
values ($1, $2, $3, ST_GeomFromWKB($4, 4326), ST_GeomFromWKB($5, 4326), $6, ST_GeomFromWKB($7, 4326), $8)
on conflict (owner) do update set
    display_name = excluded.display_name, area = excluded.area, center = excluded.center, radius = excluded.radius,
    corridor = excluded.corridor, width = excluded.width,
    update_time = now(), delete_time = null
returning uid`, tracking.NewUID(), zone.DisplayName, zone.Owner, g.area, g.center, g.radius, g.corridor, g.width).Scan(&uid)
	if err != nil {
		return tracking.Zone{}, failed("put zone", err)
	}
	return r.Zone(ctx, uid)
}
