package ingestbench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/tracking"
	"waybill/tracking/postgres"
)

// warmUp is how many batches go before those that are timed: plans are made and
// caches filled by then.
const warmUp = 5

// Run measures on the database, which has to be migrated and may be in use: the
// devices, positions and tables that it makes are its own, and gone afterwards.
func Run(ctx context.Context, pool *pgxpool.Pool, options Options) (result Result, err error) {
	options = options.withDefaults()
	s, err := setUp(ctx, pool, options)
	defer func() { err = errors.Join(err, s.cleanUp(context.WithoutCancel(ctx))) }()
	if err != nil {
		return Result{}, err
	}
	store := postgres.NewFixStore(pool, postgres.FixOptions{})
	var full, raw []time.Duration
	for round := range warmUp + options.Rounds {
		reports := s.reports(round)
		fullTime, err := timed(func() error { return s.commit(ctx, store, reports) })
		if err != nil {
			return Result{}, fmt.Errorf("commit a batch: %w", err)
		}
		records, err := s.records(reports)
		if err != nil {
			return Result{}, err
		}
		rawTime, err := timed(func() error { return postgres.CopyRaw(ctx, pool, s.rawTable(), records) })
		if err != nil {
			return Result{}, fmt.Errorf("copy a batch: %w", err)
		}
		if round >= warmUp {
			full, raw = append(full, fullTime), append(raw, rawTime)
		}
	}
	return summarise(options, median(full), median(raw)), nil
}

func summarise(o Options, full, raw time.Duration) Result {
	size := float64(o.BatchSize)
	return Result{
		FixesPerDevice: o.FixesPerDevice, BatchSize: o.BatchSize, Zones: o.Zones,
		FixesPerSecond: size / full.Seconds(), RawPerSecond: size / raw.Seconds(),
		Ratio: raw.Seconds() / full.Seconds(), Commit: full,
	}
}

// commit does what a writer does with a batch, and validation.
func (s *scratch) commit(ctx context.Context, store tracking.Store, reports []tracking.Report) error {
	records, err := s.records(reports)
	if err != nil {
		return err
	}
	committed, err := store.Commit(ctx, records)
	if err != nil {
		return err
	}
	for _, outcome := range committed.Outcomes {
		if outcome.Kind != tracking.Stored {
			return fmt.Errorf("a fix is %s: %s", outcome.Kind, outcome.Detail)
		}
	}
	return nil
}

func timed(work func() error) (time.Duration, error) {
	start := time.Now()
	err := work()
	return time.Since(start), err
}

func median(durations []time.Duration) time.Duration {
	slices.Sort(durations)
	return durations[len(durations)/2]
}
