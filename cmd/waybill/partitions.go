package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
)

type partitionsCommand struct {
	List partitionsListCommand `cmd:"" default:"withargs" help:"List the days with their states and sizes; that is what no further word does, too."`
	Seal partitionsSealCommand `cmd:"" help:"Seal a day that is over now: sort it and index its places."`
}

type partitionsListCommand struct {
	JSON bool `env:"-" help:"Print for a program to read, a day a line." name:"json"`
}

// listedDay is a day, or a year that is far back, as --json prints it.
type listedDay struct {
	Day        string     `json:"day"`
	State      string     `json:"state"`
	SealedTime *time.Time `json:"sealed_time,omitempty"`
	Rows       int64      `json:"rows"`
	LateRows   int64      `json:"late_rows"`
	TableBytes int64      `json:"table_bytes"`
	IndexBytes int64      `json:"index_bytes"`
}

// Run lists the days.
func (cmd partitionsListCommand) Run(g *Globals, c *console, env *environment) error {
	return g.withStore(env.ctx, c.log, func(s *store) error {
		days, err := trackingpg.NewPartitions(s.pool, trackingpg.PartitionOptions{Logger: c.log}).Days(env.ctx)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return printDays(json.NewEncoder(c.out), days)
		}
		table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', tabwriter.AlignRight)
		_, _ = fmt.Fprintln(table, "DAY\tSTATE\tROWS\tLATE\tTABLE\tINDEXES\t")
		for i := range days {
			d := &days[i]
			_, _ = fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\t%s\t\n", d, d.State, d.Rows, d.LateRows,
				mebibytes(d.TableBytes), mebibytes(d.IndexBytes))
		}
		return table.Flush()
	})
}

func printDays(out *json.Encoder, days []trackingpg.Day) error {
	for i := range days {
		d := &days[i]
		line := listedDay{
			Day: d.String(), State: string(d.State), Rows: d.Rows, LateRows: d.LateRows,
			TableBytes: d.TableBytes, IndexBytes: d.IndexBytes,
		}
		if !d.SealedTime.IsZero() {
			line.SealedTime = &d.SealedTime
		}
		if err := out.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func mebibytes(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }

type partitionsSealCommand struct {
	Day string `arg:"" help:"The day in UTC: 2026-03-02."`
}

// Run seals the day.
func (cmd partitionsSealCommand) Run(g *Globals, c *console, env *environment) error {
	start, err := time.Parse(time.DateOnly, cmd.Day)
	if err != nil {
		return usageError{fmt.Sprintf("%q is no day; write it as in 2026-03-02", cmd.Day)}
	}
	return g.withStore(env.ctx, c.log, func(s *store) error {
		err := trackingpg.NewPartitions(s.pool, trackingpg.PartitionOptions{Logger: c.log}).Seal(env.ctx, start)
		if errors.Is(err, tracking.ErrNotFound) {
			return fmt.Errorf("there are no positions of %s, or they are kept with those of its year, which needs no seal; `waybill partitions` lists the days and years", cmd.Day)
		}
		if err != nil {
			return err
		}
		c.printf("%s is sealed\n", cmd.Day)
		return nil
	})
}
