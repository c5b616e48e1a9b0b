package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// lastHeard is when the device of the state s was heard: a backlog that comes in is no
// silence, however old its fixes are, and neither is a fix that isn't believed.
const lastHeard = `greatest(s.newest_time,
    to_timestamp(('x' || encode(substr(s.live, 1, 8), 'hex'))::bit(64)::bigint / 1000000.0))`

// silences are the states with what decides about their silence, at the time $1 with the
// patience $2 for devices that have none of their own. A device that was put on a
// vehicle has as long to speak up, even when it never did; one that is on none is asked
// for only for a while.
const silences = `
from tracking.device_state s
join tracking.device d on d.id = s.device_id
left join tracking.fitting f on f.device_id = d.id and f.from_time <= $1 and $1 < f.to_time
cross join lateral (select ` + lastHeard + ` as heard) h
cross join lateral (select coalesce(d.silent_after, $2::interval) as patience) p
cross join lateral (
    select not d.disabled and p.patience > interval '0'
        and (f.vehicle_id is not null or s.newest_time > $1 - $3::interval) as asked_for
) a
`

// openSilences marks the devices, so that the hot path, which knows their states, fails
// its fence, reads the mark, and closes the alert with the next fix.
const openSilences = `
with quiet as (
    select s.device_id, f.vehicle_id, coalesce(h.heard, f.from_time) as heard, greatest(h.heard, f.from_time, $4) + p.patience as opened
    ` + silences + `
    where not s.silent and a.asked_for and greatest(h.heard, f.from_time, $4) + p.patience < $1
    order by s.device_id limit $5 for update of s skip locked
), marked as (
    update tracking.device_state s set silent = true, version = s.version + 1
    from quiet q where s.device_id = q.device_id
)
insert into tracking.alert (device_id, vehicle_id, condition, value, open_time)
select device_id, vehicle_id, '` + conditionSilent + `', extract(epoch from opened - heard), opened from quiet
on conflict (device_id, condition, zone_id) where close_time is null do nothing`

const closeSilences = `
with heard as (
    select s.device_id
    ` + silences + `
    where s.silent and (not a.asked_for or greatest(h.heard, f.from_time) + p.patience >= $1)
    order by s.device_id limit $4 for update of s skip locked
), unmarked as (
    update tracking.device_state s set silent = false, version = s.version + 1
    from heard where s.device_id = heard.device_id
    returning s.device_id
)
update tracking.alert a set close_time = greatest(a.open_time, $1)
from heard where a.device_id = heard.device_id and a.condition = '` + conditionSilent + `' and a.close_time is null`

// openSilent opens an alert for each device that has been silent for too long, in the
// time since when we hear. Whose fixes are being stored at the moment is passed over.
func (s *Sweep) openSilent(ctx context.Context, tx pgx.Tx, now, since time.Time) (more bool, err error) {
	if since.IsZero() {
		return false, nil
	}
	tag, err := tx.Exec(ctx, openSilences, now, s.options.SilentAfter, silenceForgotten, since, sweepMost)
	return tag.RowsAffected() == sweepMost, err
}

// closeSilent closes the alerts that settings made pointless: the device was disabled,
// given more time, or put on another vehicle.
func (s *Sweep) closeSilent(ctx context.Context, tx pgx.Tx, now time.Time) (more bool, err error) {
	tag, err := tx.Exec(ctx, closeSilences, now, s.options.SilentAfter, silenceForgotten, sweepMost)
	return tag.RowsAffected() == sweepMost, err
}
