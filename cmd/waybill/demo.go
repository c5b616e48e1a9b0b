package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"google.golang.org/grpc"

	"waybill/cmd/waybill/internal/demo"
	"waybill/gateway/modem/emulator"
	"waybill/gateway/mqtt/unit"
	"waybill/internal/access"
	"waybill/internal/lifecycle"
	"waybill/internal/pgcluster"
)

// demoMark is the comment on a schema that says that its data is the
// demonstration's, and may go.
const demoMark = "waybill demo"

// demoNumber is that of the emulated modem's SIM, which pages show.
const demoNumber = "+8613800138100"

type demoCommand struct {
	settings `embed:""`

	Env bool `env:"-" help:"Print what a shell needs to talk to the running demonstration: eval \"$(waybill demo --env)\"."`
}

// Help says what comes of it.
func (demoCommand) Help() string {
	return `A small company on this machine: twelve trucks on the motorways around Shanghai, most
reporting by MQTT and some by SMS through an emulated modem, orders at every stage, and
one thing of each kind gone wrong. Each start begins anew; the data is kept apart from
that of a real Waybill.`
}

// Run plays the company until it is told to stop.
func (cmd *demoCommand) Run(g *Globals, c *console, env *environment) error {
	if g.DatabaseURL != "" {
		return usageError{"the demonstration brings a database of its own and forgets it; leave --database-url away"}
	}
	dir, err := cmd.dataDir(g)
	if err != nil {
		return err
	}
	g.DataDir = dir
	if cmd.Env {
		return printEnv(c, dir)
	}
	if err := cmd.begin(env.ctx, g, c); err != nil {
		return err
	}
	play := &play{settings: &cmd.settings, dir: dir, console: c, modem: filepath.Join(dir, "modem")}
	cmd.Modem.Path = append(cmd.Modem.Path, play.modem)
	if len(cmd.Text.Number) == 0 {
		cmd.Text.Number = []string{demoNumber}
	}
	return serve(env.ctx, &cmd.settings, g, c, play.add)
}

// dataDir is the directory beside that of a real Waybill.
func (cmd *demoCommand) dataDir(g *Globals) (string, error) {
	if g.DataDir != "" {
		return g.DataDir, nil
	}
	dir, err := g.dataDir()
	return dir + "-demo", err
}

// begin empties the database of an earlier demonstration. One that holds anything
// else is left alone.
func (cmd *demoCommand) begin(ctx context.Context, g *Globals, c *console) (err error) {
	s, err := g.connect(ctx, pgcluster.Open, c.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	var used, ours bool
	err = s.pool.QueryRow(ctx, `
		select to_regnamespace('crm') is not null,
		       coalesce(obj_description(to_regnamespace('crm'), 'pg_namespace') = $1, false)`, demoMark).Scan(&used, &ours)
	if err != nil {
		return fmt.Errorf("look into the database: %w", err)
	}
	if used && !ours {
		return usageError{fmt.Sprintf("%s holds data that is not the demonstration's; choose another --data-dir", g.DataDir)}
	}
	if used {
		if _, err := s.pool.Exec(ctx, `drop schema tracking, gateway, crm, access cascade; drop table public.waybill_migrations`); err != nil {
			return fmt.Errorf("forget the last demonstration: %w", err)
		}
	}
	return nil
}

// play is the company on this process.
type play struct {
	settings *settings
	dir      string
	modem    string
	console  *console
}

// add adds the company to what the process starts.
func (d *play) add(p *process) {
	sim := emulator.New(emulator.Config{
		Link: d.modem, Logger: p.log,
		Sent: func(s emulator.Submission) { d.console.printf("SMS to %s: %s\n", s.To, s.Text) },
	})
	// It is there before its reader, and goes after it.
	plugged := make(chan struct{})
	p.components = slices.Insert(p.components, 0, lifecycle.Component{
		Name: "emulated modem",
		Run:  func(ctx context.Context) error { return runModem(ctx, sim, d.modem, func() { close(plugged) }) },
	}, lifecycle.Component{
		Name: "plug",
		Start: func(ctx context.Context) error {
			select {
			case <-plugged:
			case <-ctx.Done():
			}
			return nil
		},
	})
	var company *demo.Demo
	p.components = append(p.components, lifecycle.Component{
		Name: "demonstration",
		Start: func(ctx context.Context) (err error) {
			company, err = d.found(ctx, p, sim)
			return err
		},
		Run: func(ctx context.Context) error { return company.Run(ctx) },
		// Its tokens end with its data at the next start.
		Stop: func(context.Context) error { return os.Remove(envFile(d.dir)) },
	})
}

// found marks the database, issues tokens, founds the company, and tells the user.
func (d *play) found(ctx context.Context, p *process, sim *emulator.Emulator) (*demo.Demo, error) {
	if _, err := p.store.pool.Exec(ctx, `comment on schema crm is '`+demoMark+`'`); err != nil {
		return nil, fmt.Errorf("mark the database: %w", err)
	}
	tokens := make(map[string]string)
	store := access.NewStore(p.store.pool)
	for name, t := range map[string]access.Token{
		"ADMIN_TOKEN":      {Role: access.Admin},
		"DISPATCHER_TOKEN": {Role: access.Dispatcher},
		"CUSTOMER_TOKEN":   {Role: access.Customer, Customer: "customers/zhangjiang"},
	} {
		t.DisplayName = "demonstration"
		_, secret, err := store.Create(ctx, t)
		if err != nil {
			return nil, err
		}
		tokens[name] = secret
	}
	conn, err := p.conns.dial(roleCRM, grpc.WithPerRPCCredentials(access.Bearer{Secret: tokens["ADMIN_TOKEN"], Plain: true}))
	if err != nil {
		return nil, err
	}
	company, err := demo.New(ctx, demo.Config{API: conn, Log: p.log, Roads: d.roads(p, sim)})
	if err != nil {
		return nil, err
	}
	return company, d.welcome(ctx, company, tokens)
}

func (d *play) roads(p *process, sim *emulator.Emulator) demo.Roads {
	return demo.Roads{
		MQTT: func(device, password string) demo.Road {
			return unit.New(unit.Config{Address: d.settings.MQTTAddress, Device: device, Password: password, Log: p.log})
		},
		SMS: func(phone string) demo.Road { return &textSender{modem: d.modem, from: phone} },
		Text: func(_ context.Context, from, text string) error {
			return sim.Inject(from, text, time.Now())
		},
	}
}

// envFile keeps what a shell needs, for `waybill demo --env`.
func envFile(dir string) string { return filepath.Join(dir, "demo.env") }

func printEnv(c *console, dir string) error {
	file, err := os.Open(envFile(dir))
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("no demonstration runs with its data in %s; `make run` starts one", dir)
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	_, err = io.Copy(c.out, file)
	return err
}

// welcome tells where everything is and what to try.
func (d *play) welcome(ctx context.Context, company *demo.Demo, tokens map[string]string) error {
	vehicles, err := company.Vehicles(ctx)
	if err != nil {
		return err
	}
	s := d.settings
	env := fmt.Sprintf("export WAYBILL_DATA_DIR=%q\nexport ADMIN_TOKEN=%s\nexport DISPATCHER_TOKEN=%s\nexport CUSTOMER_TOKEN=%s\nexport TRACKING_LINK=%s\n",
		d.dir, tokens["ADMIN_TOKEN"], tokens["DISPATCHER_TOKEN"], tokens["CUSTOMER_TOKEN"], company.Link)
	if err := os.WriteFile(envFile(d.dir), []byte(env), 0o600); err != nil {
		return fmt.Errorf("keep the demonstration's tokens: %w", err)
	}
	d.console.printf(`
Waybill runs, with %d trucks on the road.

  A customer's page      %s
  The fleet              http://%s/fleet   (log in with the dispatcher's token)
  REST and OpenAPI       http://%s/v1/...  http://%s/openapi.json
  gRPC, with reflection  %s
  MQTT for devices       %s

  admin's token          %s
  dispatcher's token     %s
  a customer's token     %s

To try next, in another shell:

  eval "$(bin/waybill demo --env)"
  curl -s -H "Authorization: Bearer $DISPATCHER_TOKEN" http://%s/v1/%s/location
  bin/waybill modem text %s --from +8613911112222 'TRACK %s'
  bin/waybill device rejected
  bin/waybill device create my-unit --vehicle my-truck
  bin/waybill replay docs/examples/drive.csv --device my-unit --rebase now --password "$(bin/waybill device credential my-unit)"

What the modem sends is printed here; it may send eight messages a minute. A text from a wrong number is rejected on purpose: see what is kept of it. Ctrl-C ends it.

`, vehicles, company.Link, s.HTTPAddress, s.HTTPAddress, s.HTTPAddress, s.GRPCAddress, s.MQTTAddress,
		tokens["ADMIN_TOKEN"], tokens["DISPATCHER_TOKEN"], tokens["CUSTOMER_TOKEN"], s.HTTPAddress, company.Order, d.modem, company.Code)
	return nil
}
