package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"waybill/tracking/derive"
)

// loadLimits reads what each device is to be told of.
func loadLimits(ctx context.Context, conn *pgx.Conn, devices []int64) (map[int64]derive.Limits, error) {
	rows, err := conn.Query(ctx, `
		select id, coalesce(speed_limit, 0), temperature_min, temperature_max, coalesce(tilt_limit, 0), door_alert
		from tracking.device where id = any($1)`, devices)
	if err != nil {
		return nil, err
	}
	limits := make(map[int64]derive.Limits, len(devices))
	var device int64
	var l derive.Limits
	var low, high *float64
	_, err = pgx.ForEachRow(rows, []any{&device, &l.Speed, &low, &high, &l.Tilt, &l.Door}, func() error {
		l.MinTemperature, l.MaxTemperature = reading(low), reading(high)
		limits[device] = l
		return nil
	})
	return limits, err
}

func reading(value *float64) derive.Reading {
	if value == nil {
		return derive.Reading{}
	}
	return derive.Reading{Value: *value, Known: true}
}
