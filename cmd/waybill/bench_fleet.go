package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"waybill/cmd/waybill/internal/bench/fleet"
	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
)

type benchFleetCommand struct {
	Devices int           `env:"-" help:"How many devices are connected." default:"10000"`
	Rate    float64       `env:"-" help:"Fixes a second of each." default:"1"`
	For     time.Duration `env:"-" help:"How long they report and are measured." default:"10m"`
	Warm    time.Duration `env:"-" help:"How long they report before that: caches fill, and the planner learns of the tables." default:"30s"`
	Server  string        `env:"-" help:"HTTP address of a server that runs, on the database that --data-dir or --database-url names; without, one is started for this." placeholder:"HOST:PORT"`
	MQTT    string        `env:"-" help:"MQTT address of that server." placeholder:"HOST:PORT" name:"mqtt"`
	JSON    bool          `env:"-" help:"Print for a program to read." name:"json"`
}

// Help says what is measured.
func (benchFleetCommand) Help() string {
	return `Devices connect by MQTT, each over a TCP connection of its own, and publish a fix with QoS 1
at the rate, spread evenly over the second. Measured is the time from each publish to its
PUBACK, which comes after the commit, and the resident memory of the server, without
PostgreSQL: before any device, with all connected and silent, and while they report.

The server is a process of its own, with a database of its own that is removed, unless
--server names one. Its devices are called bench-00001 and so on, each on a vehicle, and stay.`
}

// Run measures and prints a table.
func (cmd benchFleetCommand) Run(g *Globals, c *console, env *environment) error {
	if cmd.Devices < 1 || cmd.Rate <= 0 || cmd.For <= 0 || cmd.Warm < 0 {
		return usageError{"give at least one device, and a rate and a time above zero"}
	}
	if (cmd.Server == "") != (cmd.MQTT == "") {
		return usageError{"a server that runs is named by both --server and --mqtt"}
	}
	if err := enoughFiles(cmd.Devices); err != nil {
		return err
	}
	if cmd.Server != "" {
		return cmd.measure(g, c, env, cmd.Server, cmd.MQTT)
	}
	return withServer(g, c, env, func(s *ownServer) error { return cmd.measure(g, c, env, s.http, s.mqtt) })
}

// enoughFiles is an error when this process may not open as many files as it needs:
// one for each device and some beside. A server that is started by it may open as
// many. The Go runtime has raised the soft limit to the hard one.
func enoughFiles(devices int) error {
	const beside = 300
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("ask how many files may be open: %w", err)
	}
	if need := uint64(devices + beside); limit.Cur < need { //nolint:gosec // it is positive
		return usageError{fmt.Sprintf("%d devices need %d open files, and a process may have %d here: raise the limit (ulimit -n %d), "+
			"or ask for at most %d devices", devices, need, limit.Cur, need, max(0, int(limit.Cur)-beside))} //nolint:gosec // it is small
	}
	return nil
}

func (cmd benchFleetCommand) measure(g *Globals, c *console, env *environment, http, mqtt string) error {
	var devices []fleet.Device
	err := g.withStore(env.ctx, c.log, func(s *store) error {
		var err error
		c.log.Info("registering devices", "devices", cmd.Devices)
		if devices, err = registerFleet(env.ctx, trackingpg.NewRegistry(s.pool, g.Region), cmd.Devices); err != nil {
			return err
		}
		// A fleet doesn't come into being within a minute: the statistics would be there.
		_, err = s.pool.Exec(env.ctx, "analyze tracking.device, tracking.device_state, tracking.vehicle, tracking.fitting")
		return err
	})
	if err != nil {
		return err
	}
	result, err := fleet.Run(env.ctx, fleet.Config{
		MQTT: mqtt, Metrics: "http://" + http + "/metrics", Devices: devices, Rate: cmd.Rate, For: cmd.For, Warm: cmd.Warm, Log: c.log,
	})
	if err != nil {
		return err
	}
	if cmd.JSON {
		return json.NewEncoder(c.out).Encode(result)
	}
	return printFleet(c, result)
}

// registerFleet makes devices with vehicles, unless they are there, and issues their
// passwords.
func registerFleet(ctx context.Context, registry *trackingpg.Registry, n int) ([]fleet.Device, error) {
	devices := make([]fleet.Device, n)
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(8)
	for i := range devices {
		work.Go(func() error {
			id := fmt.Sprintf("bench-%05d", i+1)
			_, err := registry.CreateDevice(ctx, tracking.Device{UID: id}, "")
			switch {
			case err == nil:
				if _, err = registry.CreateVehicle(ctx, tracking.Vehicle{UID: id}, ""); err != nil {
					return err
				}
				if err = registry.FitDevice(ctx, tracking.Fitting{Device: id, Vehicle: id, Primary: true, From: time.Now().Add(-time.Hour)}); err != nil {
					return err
				}
			case !errors.Is(err, tracking.ErrExists):
				return err
			}
			password, err := registry.RotateCredential(ctx, id)
			devices[i] = fleet.Device{ID: id, Password: password}
			return err
		})
	}
	return devices, work.Wait()
}

func printFleet(c *console, r fleet.Result) error {
	c.printf("%s %s/%s, %d processors\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	milliseconds := func(d time.Duration) string { return fmt.Sprintf("%.1f ms", d.Seconds()*1000) }
	worst := time.Duration(0)
	for _, minute := range r.Minutes {
		worst = max(worst, minute)
	}
	kilobytes := func(bytes int64) string {
		return fmt.Sprintf("%.1f kB a device", float64(bytes)/1000/float64(r.Devices))
	}
	end := r.End()
	for _, row := range [][2]string{
		{"devices connected", fmt.Sprintf("%d, in %v", r.Devices, r.Connected.Round(100*time.Millisecond))},
		{"reported", fmt.Sprintf("%v at %g fixes a second each", r.For, r.Rate)},
		{"acknowledged", fmt.Sprintf("%d, %.0f a second", r.Acknowledged, float64(r.Acknowledged)/r.For.Seconds())},
		{"left out, connections broken, refused", fmt.Sprintf("%d, %d, %d", r.Missed, r.Broken, r.Refused)},
		{"publish to PUBACK, p50", milliseconds(r.P50)},
		{"publish to PUBACK, p99", milliseconds(r.P99)},
		{"p99 of the worst minute", milliseconds(worst)},
		{"longest", milliseconds(r.Max)},
		{"resident before", mebibytes(r.Before.Resident)},
		{"resident with all connected and silent", mebibytes(r.Silent.Resident)},
		{"resident at the end", mebibytes(end.Resident) + ", heap " + mebibytes(end.Heap) + ", stacks " + mebibytes(end.Stack)},
		{"resident at the end, in all", kilobytes(end.Resident)},
		{"of that with the devices", kilobytes(end.Resident - r.Before.Resident)},
		{"growth over the second half", fmt.Sprintf("%.2f %%", 100*r.Growth)},
	} {
		_, _ = fmt.Fprintf(table, "%s\t%s\n", row[0], row[1])
	}
	return table.Flush()
}

// ownServer is a server of this program in a process of its own.
type ownServer struct{ http, grpc, mqtt string }

// withServer runs a server with a database of its own, beside the work.
func withServer(g *Globals, c *console, env *environment, work func(s *ownServer) error) (err error) {
	remove, err := g.ownDatabase()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	s := new(ownServer)
	if err := freeAddresses(env.ctx, &s.http, &s.grpc, &s.mqtt); err != nil {
		return err
	}
	stop, err := startServer(env.ctx, s, g.DataDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	c.log.Info("a server of its own is up", "http", s.http, "mqtt", s.mqtt)
	return work(s)
}
