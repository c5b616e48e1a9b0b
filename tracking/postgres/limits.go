package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/tracking"
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

// silenceColumn is what the column silent_after says: null for the setting of all, zero
// for never.
func silenceColumn(l tracking.Limits) *time.Duration {
	if l.SilentAfter == 0 {
		return nil
	}
	if l.SilentAfter == tracking.NeverSilent {
		return new(time.Duration)
	}
	return &l.SilentAfter
}

func silenceOf(column *time.Duration) time.Duration {
	switch {
	case column == nil:
		return 0
	case *column == 0:
		return tracking.NeverSilent
	}
	return *column
}
