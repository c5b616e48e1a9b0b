package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"waybill/tracking"
)

const (
	alertColumnList = `
select a.id, d.uid, coalesce(v.uid, ''), coalesce(nullif(v.display_name, ''), v.uid, nullif(d.display_name, ''), d.uid),
    a.condition, coalesce(z.uid, ''), coalesce(nullif(z.display_name, ''), z.uid, ''), a.value,
    a.open_time, a.close_time, a.acknowledge_time, a.acknowledged_by
`
	alertJoins = `
join tracking.device d on d.id = a.device_id
left join tracking.vehicle v on v.id = a.vehicle_id
left join tracking.zone z on z.id = a.zone_id
`
	alertOrder = "order by (a.close_time is null) desc, a.open_time desc, a.id desc limit "
)

// Alerts lists those that hold first, the newest first.
func (h *History) Alerts(ctx context.Context, filter tracking.AlertFilter, page tracking.AlertPage) ([]tracking.Alert, error) {
	where, args := alertsWhere(filter, page)
	args = append(args, page.Size)
	limited := fmt.Sprint(alertOrder, "$", len(args))
	// Names are joined to what is on the page only.
	rows, _ := h.pool.Query(ctx, alertColumnList+"from (select * from tracking.alert a "+where+limited+") a"+alertJoins+limited, args...)
	alerts, err := pgx.CollectRows(rows, scanAlert)
	return alerts, failed("list alerts", err)
}

// alertsWhere asks for as little as is filtered by, so that an index answers.
func alertsWhere(filter tracking.AlertFilter, page tracking.AlertPage) (where string, args []any) {
	where = "where true "
	add := func(condition string, values ...any) {
		places := make([]any, len(values))
		for i, value := range values {
			args = append(args, value)
			places[i] = fmt.Sprint("$", len(args))
		}
		where += "and " + fmt.Sprintf(condition, places...) + " "
	}
	switch filter.State {
	case tracking.OpenAlert:
		add("a.close_time is null")
	case tracking.PendingAlert:
		add("(a.close_time is null or a.acknowledge_time is null)")
	case tracking.AnyAlert:
	}
	if filter.Vehicle != "" {
		add("a.vehicle_id = (select id from tracking.vehicle where uid = %s)", filter.Vehicle)
	}
	if filter.Device != "" {
		add("a.device_id = (select id from tracking.device where uid = %s)", filter.Device)
	}
	if filter.Condition != "" {
		add("a.condition = %s", string(filter.Condition))
	}
	if page.ID != 0 {
		add("((a.close_time is null), a.open_time, a.id) < (%s, %s, %s)", page.Open, page.Opened, page.ID)
	}
	return where, args
}

// Alert returns one.
func (h *History) Alert(ctx context.Context, id int64) (tracking.Alert, error) {
	rows, _ := h.pool.Query(ctx, alertColumnList+"from tracking.alert a"+alertJoins+"where a.id = $1", id)
	alert, err := pgx.CollectExactlyOneRow(rows, scanAlert)
	return alert, failed("get alert", err)
}

// AcknowledgeAlert notes who sees to it.
func (h *History) AcknowledgeAlert(ctx context.Context, id int64, by string) (tracking.Alert, error) {
	_, err := h.pool.Exec(ctx, `
update tracking.alert set acknowledge_time = now(), acknowledged_by = $2,
    close_time = case when condition = 'sos' then coalesce(close_time, greatest(open_time, now())) else close_time end
where id = $1 and acknowledge_time is null`, id, by)
	if err != nil {
		return tracking.Alert{}, failed("acknowledge alert", err)
	}
	return h.Alert(ctx, id)
}

func scanAlert(row pgx.CollectableRow) (tracking.Alert, error) {
	var a tracking.Alert
	var closed, acknowledged *time.Time
	err := row.Scan(&a.ID, &a.Device, &a.Vehicle, &a.DisplayName, &a.Condition, &a.Zone, &a.ZoneDisplayName, &a.Value,
		&a.Opened, &closed, &acknowledged, &a.AcknowledgedBy)
	a.Opened, a.Closed, a.Acknowledged = a.Opened.UTC(), orZero(closed), orZero(acknowledged)
	return a, err
}

// selectHeld pairs each beginning with the end that comes next.
const selectHeld = `
select d.uid, coalesce(v.uid, ''), c.condition, coalesce(z.uid, ''), c.value, c.time, (
    select min(time) from tracking.condition e
    where e.device_id = c.device_id and e.condition = c.condition and e.zone_id = c.zone_id and not e.began and e.time > c.time
)
from tracking.condition c
join tracking.device d on d.id = c.device_id
left join tracking.vehicle v on v.id = c.vehicle_id
left join tracking.zone z on z.id = c.zone_id
where c.began and c.time >= $2 and c.time < $3
and ($4::timestamptz is null or (c.time, d.uid, c.condition, coalesce(z.uid, '')) > ($4, $5, $6, $7))
and `

const heldOrder = ` = $1 order by c.time, d.uid, c.condition, coalesce(z.uid, '') limit $8`

// Conditions lists the conditions of a vehicle or device by the time when they began.
func (h *History) Conditions(ctx context.Context, query tracking.HeldQuery) ([]tracking.Held, error) {
	table, uid, column := "vehicle", query.Vehicle, "c.vehicle_id"
	if uid == "" {
		table, uid, column = "device", query.Device, "c.device_id"
	}
	key, err := h.key(ctx, table, uid)
	if err != nil {
		return nil, err
	}
	var began *time.Time
	var after tracking.HeldKey
	if query.After != nil {
		after = *query.After
		began = &after.Began
	}
	rows, _ := h.pool.Query(ctx, selectHeld+column+heldOrder, key,
		orInfinity(query.From, pgtype.NegativeInfinity), orInfinity(query.To, pgtype.Infinity),
		began, after.Device, string(after.Condition), after.Zone, query.Size)
	held, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (tracking.Held, error) {
		var c tracking.Held
		var ended *time.Time
		err := row.Scan(&c.Device, &c.Vehicle, &c.Condition, &c.Zone, &c.Value, &c.Began, &ended)
		c.Began, c.Ended = c.Began.UTC(), orZero(ended)
		return c, err
	})
	return held, failed("list conditions", err)
}
