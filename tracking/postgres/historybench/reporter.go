package historybench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/paulmach/orb"

	"waybill/tracking"
	"waybill/tracking/postgres"
)

// reporter commits fixes of now.
type reporter struct {
	fleet *fleet
	store *postgres.FixStore
	ids   map[string]int64
}

func (f *fleet) reporter(ctx context.Context) (*reporter, error) {
	r := &reporter{fleet: f, store: postgres.NewFixStore(f.pool, postgres.FixOptions{})}
	uids := make([]string, f.size)
	for i := range uids {
		uids[i] = unit(i)
	}
	var err error
	r.ids, err = r.store.DeviceIDs(ctx, uids)
	return r, err
}

func unit(number int) string { return fmt.Sprintf("unit-%d", number) }

// commit stores a fix each of so many devices: the first, and each that is the step
// further on.
func (r *reporter) commit(ctx context.Context, first, count, step int) error {
	now := time.Now().UTC()
	records := make([]tracking.Record, count)
	for i := range records {
		number := (first + i*step) % r.fleet.size
		fix := tracking.NewFix(now.Add(time.Duration(i)*tracking.Resolution), orb.Point{100 + float64(number%10), 25 + float64(first%1000)/1e4})
		fix.Speed, fix.Course, fix.Satellites = 15, 90, 9
		record, rejected := tracking.Validate(tracking.Report{Device: unit(number), Source: "mqtt/waybill", Received: now, Fix: fix}, 0)
		if rejected != nil {
			return errors.New(rejected.Detail)
		}
		record.DeviceID = r.ids[record.DeviceUID]
		records[i] = record
	}
	_, err := r.store.Commit(ctx, records)
	return err
}
