package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"google.golang.org/grpc"

	"waybill/cmd/waybill/internal/bench"
	"waybill/internal/access"
	"waybill/internal/lifecycle"
	"waybill/tracking/postgres/ingestbench"
)

type benchCommands struct {
	All     benchCommand        `cmd:"" default:"withargs" help:"Measure the ingest path, and follow single fixes; that is what no further word does, too."`
	Fleet   benchFleetCommand   `cmd:"" help:"Have thousands of devices report by MQTT, and measure acknowledgements and memory."`
	Live    benchLiveCommand    `cmd:"" help:"Have a thousand subscribers watch a fleet, and measure how soon they are told."`
	History benchHistoryCommand `cmd:"" help:"Measure what a long history costs: finding a vehicle, who was near, sealing and dropping days."`
}

type benchCommand struct {
	Rounds int `env:"-" help:"Batches that the ingest path is timed for." default:"60"`
	Fixes  int `env:"-" help:"Fixes that are followed from the unit to the page." default:"300"`
	Zones  int `env:"-" help:"Zones that are drawn around the devices' ways." default:"10000"`
}

// Help says what is measured.
func (benchCommand) Help() string {
	return `Ingest is measured as a ratio: fixes a second through the whole transaction (idempotent,
device state, zones, transitions) over what a hand-encoded binary COPY of the same rows into
an unindexed table takes, in turns in one run. Then single fixes are followed: from the publish
to its PUBACK, until REST and gRPC answer with it, and until an open page's stream has it.

It runs a Waybill of its own, with a database of its own that it removes.`
}

// Run measures and prints a table.
func (cmd benchCommand) Run(g *Globals, c *console, env *environment) (err error) {
	remove, err := g.ownDatabase()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	s := &settings{Roles: []string{roleGateway, roleTracking, roleCRM}, LiveAge: time.Hour}
	if err := freeAddresses(env.ctx, &s.HTTPAddress, &s.GRPCAddress, &s.MQTTAddress); err != nil {
		return err
	}
	quiet := &console{out: c.out, log: slog.New(slog.DiscardHandler)}
	measured := errors.New("measured") // ends the process when the work is done
	err = serve(env.ctx, s, g, quiet, func(p *process) {
		p.components = append(p.components, lifecycle.Component{Name: "bench", Run: func(ctx context.Context) error {
			if err := cmd.measure(ctx, p, c); err != nil {
				return err
			}
			return measured
		}})
	})
	if errors.Is(err, measured) {
		return nil
	}
	return err
}

func (cmd benchCommand) measure(ctx context.Context, p *process, c *console) error {
	c.printf("%s %s/%s, %d processors\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintf(table, "ingest, batches of 2000, %d zones\tfixes/s\traw COPY/s\tratio\t\n", cmd.Zones)
	for _, perDevice := range []int{1, 5} {
		r, err := ingestbench.Run(ctx, p.store.pool, ingestbench.Options{FixesPerDevice: perDevice, Rounds: cmd.Rounds, Zones: cmd.Zones})
		if err != nil {
			return fmt.Errorf("measure ingest: %w", err)
		}
		_, _ = fmt.Fprintf(table, "%d a device\t%.0f\t%.0f\t%.2f\t\n", perDevice, r.FixesPerSecond, r.RawPerSecond, r.Ratio)
	}
	_, _ = fmt.Fprintln(table)

	_, secret, err := access.NewStore(p.store.pool).Create(ctx, access.Token{Role: access.Admin, DisplayName: "bench"})
	if err != nil {
		return err
	}
	api, err := p.conns.dial(roleCRM, grpc.WithPerRPCCredentials(access.Bearer{Secret: secret, Plain: true}))
	if err != nil {
		return err
	}
	latency, err := bench.Follow(ctx, bench.Config{
		API: api, HTTP: "http://" + p.settings.HTTPAddress, MQTT: p.settings.MQTTAddress, Token: secret, Fixes: cmd.Fixes, Log: p.log,
	})
	if err != nil {
		return fmt.Errorf("follow fixes: %w", err)
	}
	_, _ = fmt.Fprintf(table, "one fix, %d times\tp50 ms\tp99 ms\t\t\n", cmd.Fixes)
	for _, row := range []struct {
		what    string
		samples []time.Duration
	}{
		{"publish to PUBACK (committed)", latency.Acknowledged},
		{"PUBACK to the answer of gRPC", latency.RPC},
		{"PUBACK to the answer of REST", latency.REST},
		{"publish to the event on an open page", latency.Page},
	} {
		_, _ = fmt.Fprintf(table, "%s\t%.1f\t%.1f\t\t\n", row.what, percentile(row.samples, 50), percentile(row.samples, 99))
	}
	return table.Flush()
}

// percentile is in milliseconds.
func percentile(samples []time.Duration, p int) float64 {
	if len(samples) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)].Seconds() * 1000
}
