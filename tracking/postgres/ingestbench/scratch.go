package ingestbench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"

	"waybill/tracking"
	"waybill/tracking/postgres"
)

// scratch is what a run makes and removes.
type scratch struct {
	pool    *pgxpool.Pool
	options Options
	prefix  string // of everything's name
	devices []string
	ids     map[string]int64
	start   time.Time
}

// center is where the devices circle: the ways and zones lie around it.
func center() orb.Point { return orb.Point{116.4, 39.9} }

const (
	// spread is the side of the square of the ways and zones, in degrees. With
	// 10,000 zones some 2 % of it is in one, and of 200 fixes one crosses a border:
	// several times what a fleet does.
	spread = 2.0
	// speed of the devices in metres a second.
	speed           = 15.0
	metresPerDegree = 111_195.0
)

func setUp(ctx context.Context, pool *pgxpool.Pool, options Options) (*scratch, error) {
	s := &scratch{
		pool: pool, options: options, prefix: "bench-" + strings.ToLower(rand.Text()[:8]),
		// Noon, so that a run stays within a day.
		start: time.Now().UTC().Truncate(24 * time.Hour).Add(-12 * time.Hour),
	}
	for i := range (options.BatchSize + options.FixesPerDevice - 1) / options.FixesPerDevice {
		s.devices = append(s.devices, fmt.Sprintf("%s-%d", s.prefix, i))
	}
	_, err := pool.Exec(ctx, `
		with made as (insert into tracking.device (uid, display_name) select uid, 'benchmark' from unnest($1::text[]) uid returning id)
		insert into tracking.device_state (device_id) select id from made`, s.devices)
	if err != nil {
		return s, fmt.Errorf("make devices: %w", err)
	}
	s.ids, err = postgres.NewFixStore(pool, postgres.FixOptions{}).DeviceIDs(ctx, s.devices)
	if err != nil {
		return s, err
	}
	_, err = pool.Exec(ctx, `
		insert into tracking.zone (uid, center, radius)
		select $1 || '-' || i, ST_SetSRID(ST_MakePoint($2 + $4 * (random() - 0.5), $3 + $4 * (random() - 0.5)), 4326), 50 + 200 * random()
		from generate_series(1, $5) i`, s.prefix, center()[0], center()[1], spread, options.Zones)
	if err != nil {
		return s, fmt.Errorf("draw zones: %w", err)
	}
	_, err = pool.Exec(ctx, "create table "+s.rawTable()+" (like tracking.position)")
	if err != nil {
		return s, fmt.Errorf("make a table: %w", err)
	}
	return s, nil
}

func (s *scratch) rawTable() string {
	return pgx.Identifier{"tracking", strings.ReplaceAll(s.prefix, "-", "_")}.Sanitize()
}

// reports makes a batch: every device drives on, at some 15 m/s.
func (s *scratch) reports(round int) []tracking.Report {
	reports := make([]tracking.Report, 0, s.options.BatchSize)
	for i := range s.options.BatchSize {
		device, step := i%len(s.devices), i/len(s.devices)
		second := round*s.options.FixesPerDevice + step
		radius := spread / 2 * float64(device+1) / float64(len(s.devices))
		angle := float64(device) + float64(second)*speed/(radius*metresPerDegree)
		fix := tracking.NewFix(s.start.Add(time.Duration(second)*time.Second),
			orb.Point{center()[0] + radius*math.Cos(angle), center()[1] + radius*math.Sin(angle)})
		fix.Altitude, fix.Speed, fix.Course, fix.Accuracy, fix.Satellites = 44, speed, math.Mod(angle*180/math.Pi, 360), 5, 9
		fix.Attributes = map[string]any{"battery_percent": 87, "ignition": true}
		reports = append(reports, tracking.Report{Device: s.devices[device], Received: fix.Time.Add(time.Second), Source: "mqtt/waybill", Fix: fix})
	}
	return reports
}

// records validates the reports.
func (s *scratch) records(reports []tracking.Report) ([]tracking.Record, error) {
	records := make([]tracking.Record, 0, len(reports))
	for _, report := range reports {
		record, rejected := tracking.Validate(report, 0)
		if rejected != nil {
			return nil, errors.New(rejected.Detail)
		}
		record.DeviceID = s.ids[report.Device]
		records = append(records, record)
	}
	return records, nil
}

func (s *scratch) cleanUp(ctx context.Context) error {
	var errs []error
	for _, statement := range []string{
		"drop table if exists " + s.rawTable(),
		"delete from tracking.position where device_id = any($1)",
		"delete from tracking.transition where device_id = any($1)",
		"delete from tracking.segment where device_id = any($1)",
		"delete from tracking.condition where device_id = any($1)",
		"delete from tracking.alert where device_id = any($1)",
		"delete from tracking.kept_state where device_id = any($1)",
		"delete from tracking.device_state where device_id = any($1)",
		"delete from tracking.device where id = any($1)",
	} {
		args := []any{}
		if strings.Contains(statement, "$1") {
			args = append(args, s.deviceIDs())
		}
		if _, err := s.pool.Exec(ctx, statement, args...); err != nil {
			errs = append(errs, fmt.Errorf("clean up: %w", err))
		}
	}
	_, err := s.pool.Exec(ctx, "delete from tracking.zone where uid like $1 || '-%'", s.prefix)
	return errors.Join(append(errs, err)...)
}

func (s *scratch) deviceIDs() []int64 {
	ids := make([]int64, 0, len(s.ids))
	for _, id := range s.ids {
		ids = append(ids, id)
	}
	return ids
}
