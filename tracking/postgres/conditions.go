package postgres

import (
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/tracking/derive"
)

const (
	retractConditions = `
delete from tracking.condition c
using unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::bigint[], $5::boolean[], $6::bigint[], $7::float8[])
    as u (device_id, time, condition, zone_id, began)
where c.device_id = u.device_id and c.time = u.time and c.condition = u.condition
    and c.zone_id = u.zone_id and c.began = u.began`

	stateConditions = `
insert into tracking.condition (device_id, time, condition, zone_id, began, vehicle_id, value)
select device_id, time, condition, zone_id, began, nullif(vehicle_id, 0), value
from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::bigint[], $5::boolean[], $6::bigint[], $7::float8[])
    as u (device_id, time, condition, zone_id, began, vehicle_id, value)
on conflict do nothing`
)

// conditionColumns are the arrays that both statements take.
type conditionColumns struct {
	devices    []int64
	times      []time.Time
	conditions []string
	zones      []int64
	began      []bool
	vehicles   []int64 // 0 for none
	values     []float64
}

func (c *conditionColumns) add(device int64, change *derive.Change) {
	c.devices = append(c.devices, device)
	c.times = append(c.times, change.Stated)
	c.conditions = append(c.conditions, change.Condition.String())
	c.zones = append(c.zones, change.Zone)
	c.began = append(c.began, change.Kind == derive.Began)
	c.vehicles = append(c.vehicles, change.Vehicle)
	c.values = append(c.values, change.Value)
}

func (c *conditionColumns) queue(queries *pgx.Batch, statement string) {
	if len(c.devices) > 0 {
		queries.Queue(statement, c.devices, c.times, c.conditions, c.zones, c.began, c.vehicles, c.values)
	}
}
