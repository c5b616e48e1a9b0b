package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/internal/database"
	"waybill/migrations"
	"waybill/tracking/postgres/historybench"
)

type benchHistoryCommand struct {
	Positions int  `env:"-" help:"How many positions the large history has." default:"1000000"`
	Small     int  `env:"-" help:"How many the small one has; a fiftieth when 0." default:"0"`
	Days      int  `env:"-" help:"How long the histories are." default:"30"`
	Devices   int  `env:"-" help:"How large the fleet is, a vehicle each." default:"10000"`
	JSON      bool `env:"-" help:"Print for a program to read." name:"json"`
}

// Help says what is measured.
func (benchHistoryCommand) Help() string {
	return `Two databases are filled with days of a fleet, a small history and a large one, and asked
in turns where a vehicle is and where it was: the ratio says whether that grows with what is
stored. Then the large one is asked who was within 500 m of a place in an hour, of days that
are sealed and of one that isn't. At last four writers commit 4,000 fixes a second to it, while
a day is sealed, while days are dropped, and while nothing else is done; one more commits nothing
at all, which tells what the disk makes every commit wait.

50 million positions (--positions 50000000) take some 12 GB of disk and a quarter of an hour.
The databases are of a PostgreSQL of its own that is removed.`
}

// Run measures and prints a table.
func (cmd benchHistoryCommand) Run(g *Globals, c *console, env *environment) (err error) {
	if cmd.Positions < 1 || cmd.Small < 0 || cmd.Devices < 1 || cmd.Days < historybench.LeastDays {
		return usageError{fmt.Sprintf("give at least one position, one device and %d days", historybench.LeastDays)}
	}
	remove, err := g.ownDatabase()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	return g.withNewStore(env.ctx, c.log, func(s *store) error {
		result, err := cmd.measure(env.ctx, c, s.pool)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return json.NewEncoder(c.out).Encode(result)
		}
		c.printf("%s %s/%s, %d processors\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
		return printHistory(c, &result)
	})
}

func (cmd benchHistoryCommand) measure(ctx context.Context, c *console, pool *pgxpool.Pool) (result historybench.Result, err error) {
	pools := make([]*pgxpool.Pool, 0, 2)
	for _, name := range []string{"bench_small", "bench_large"} {
		p, err := newDatabase(ctx, c, pool, name)
		if err != nil {
			return result, err
		}
		defer p.Close()
		pools = append(pools, p)
	}
	return historybench.Run(ctx, pools[0], pools[1], historybench.Options{
		Positions: cmd.Positions, SmallPositions: cmd.Small, Days: cmd.Days, Devices: cmd.Devices,
		Progress: func(what string) { c.log.Info("measuring", "at", what) },
	})
}

// newDatabase makes a migrated database beside that of the pool.
func newDatabase(ctx context.Context, c *console, beside *pgxpool.Pool, name string) (*pgxpool.Pool, error) {
	if _, err := beside.Exec(ctx, "create database "+name); err != nil {
		return nil, fmt.Errorf("make a database: %w", err)
	}
	config := beside.Config()
	config.ConnConfig.Database = name
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := database.Migrate(ctx, pool, migrations.FS, c.log); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

func printHistory(c *console, r *historybench.Result) error {
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintf(table, "p50 in ms\t%d positions\t%d positions\tratio\t\n", r.SmallPositions, r.Positions)
	for _, row := range []struct {
		what  string
		times historybench.Compared
	}{{"where a vehicle is", r.Last}, {"where it was at a time", r.At}} {
		_, _ = fmt.Fprintf(table, "%s\t%.3f\t%.3f\t%.2f\t\n", row.what, inMillis(row.times.Small.Median), inMillis(row.times.Large.Median), row.times.Ratio)
	}
	_, _ = fmt.Fprintf(table, "\nin ms, of %d positions\tp50\tp99\tlongest\tcount\tbeyond twice the usual p99\t\n", r.Positions)
	for _, row := range []struct {
		what    string
		times   historybench.Times
		commits bool
	}{
		{"who was within 500 m in an hour of a sealed day", r.Near, false},
		{"the same of a day that is open", r.NearOpen, false},
		{"commits of 100 fixes, nothing else going on", r.Commits.Usual, true},
		{fmt.Sprintf("while a day of %d is sealed (%.0f s)", r.SealedRows, r.SealTook.Seconds()), r.Commits.Sealing, true},
		{"while days are dropped", r.Commits.Dropping, true},
		{"commits of nothing, the disk alone, nothing else going on", r.Empty.Usual, true},
		{"while the day is sealed", r.Empty.Sealing, true},
		{"while days are dropped", r.Empty.Dropping, true},
	} {
		late := ""
		if row.commits {
			late = fmt.Sprintf("%.2f %%", 100*float64(row.times.Late)/float64(max(row.times.Count, 1)))
		}
		_, _ = fmt.Fprintf(table, "%s\t%.2f\t%.2f\t%.2f\t%d\t%s\t\n", row.what,
			inMillis(row.times.Median), inMillis(row.times.P99), inMillis(row.times.Longest), row.times.Count, late)
	}
	return table.Flush()
}

func inMillis(d time.Duration) float64 { return d.Seconds() * 1000 }
