package historybench

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/tracking/postgres"
)

// Result is what was measured.
type Result struct {
	// Positions and SmallPositions are how many the two histories have.
	Positions, SmallPositions int
	// Last is how long it takes to find where a vehicle is, and At where it was at a
	// time of the month.
	Last, At Compared
	// Near is how long the question takes who was near a place in an hour of a sealed
	// day, and NearOpen the same of one that is not sealed.
	Near, NearOpen Times
	// Commits is how long commits of fixes take, and Empty how long those take that write
	// next to nothing: what the disk alone has them wait.
	Commits, Empty Spells
	// SealTook is how long sealing the day took, which had SealedRows.
	SealTook   time.Duration
	SealedRows int
}

// Spells are the times of commits in which nothing else goes on, while a day is sealed,
// and while days are dropped.
type Spells struct{ Usual, Sealing, Dropping Times }

// Compared is one question asked of both histories.
type Compared struct {
	Small, Large Times
	// Ratio is the large one's median over the small one's.
	Ratio float64
}

// Run fills both databases, which have to be migrated and empty, and measures. They
// stay as they are then.
func Run(ctx context.Context, small, large *pgxpool.Pool, options Options) (Result, error) {
	options = options.withDefaults()
	b := &bench{options: options}
	for _, history := range []struct {
		pool      *pgxpool.Pool
		positions int
		fleet     **fleet
	}{{small, options.SmallPositions, &b.small}, {large, options.Positions, &b.large}} {
		f, err := newFleet(ctx, history.pool, options.Devices, options.Days)
		if err != nil {
			return Result{}, err
		}
		*history.fleet = f
		if err := b.fill(ctx, f, history.positions); err != nil {
			return Result{}, err
		}
	}
	b.result.Positions, b.result.SmallPositions = options.Positions, options.SmallPositions
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"find vehicles", b.locate},
		{"ask who was near", b.near},
		{"commit while days are sealed and dropped", b.disturb},
	} {
		options.Progress(step.name)
		if err := step.do(ctx); err != nil {
			return Result{}, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return b.result, nil
}

// bench is a run.
type bench struct {
	options      Options
	small, large *fleet
	result       Result
}

// fill makes a month of which all days are sealed but the last.
func (b *bench) fill(ctx context.Context, f *fleet, positions int) error {
	days := b.options.Days
	hurried := postgres.NewPartitions(f.pool, postgres.PartitionOptions{SealShare: 1})
	for n := range days {
		share := positions*(n+1)/days - positions*n/days
		if err := f.fill(ctx, n, share); err != nil {
			return err
		}
		if n < days-1 {
			if err := hurried.Seal(ctx, f.day(n)); err != nil {
				return err
			}
		} else {
			b.result.SealedRows = share
		}
		b.options.Progress(fmt.Sprintf("%d of %d positions", positions*(n+1)/days, positions))
	}
	return f.settle(ctx)
}
