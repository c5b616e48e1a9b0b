package main

import (
	"context"
	"errors"
	"os/signal"
	"syscall"
	"time"

	"waybill/internal/database"
	"waybill/internal/lifecycle"
	"waybill/internal/pgcluster"
)

type serveCommand struct {
	settings `embed:""`
}

// Help says what the flags can't.
func (serveCommand) Help() string {
	return `All roles in one process, with a private database:

  waybill serve

Three processes, one role each, with a database that they share:

  waybill serve --roles tracking --grpc-address 10.0.0.2:9090 --database-url URL ...
  waybill serve --roles gateway --tracking-address 10.0.0.2:9090 --peer-token TOKEN ...
  waybill serve --roles crm --tracking-address 10.0.0.2:9090 --gateway-address ... ...

docs/OPERATING.md says more about each setting.`
}

// Run serves until it is told to stop.
func (cmd *serveCommand) Run(g *Globals, c *console, env *environment) error {
	return serve(env.ctx, &cmd.settings, g, c, nil)
}

// serve runs the roles, and what extend adds to them, until the context ends.
func serve(ctx context.Context, s *settings, g *Globals, c *console, extend func(p *process)) (err error) {
	// Ctrl-C also ends the tee or the pager that reads our log. Writing to it then
	// must not kill us before the database is stopped.
	signal.Ignore(syscall.SIGPIPE)
	db, err := awaitStore(ctx, g, len(s.Roles), c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	p, err := newProcess(s, g, db, c.log) //nolint:contextcheck // it sees a stream interceptor, whose context is the stream's
	if err != nil {
		return err
	}
	if err := p.wire(ctx); err != nil {
		return err
	}
	defer func() { c.log.Info("stopped") }()
	return p.run(ctx, extend)
}

// databasePatience is how long a server waits for a database of others to come up.
const databasePatience = 2 * time.Minute

// awaitStore opens the database. One that others run may come up later than we do.
func awaitStore(ctx context.Context, g *Globals, roles int, c *console) (*store, error) {
	const allRoles = 3
	if roles < allRoles && g.DatabaseURL == "" {
		return nil, usageError{"roles in separate processes share one database: name it with --database-url"}
	}
	patience, cancel := context.WithTimeout(ctx, databasePatience)
	defer cancel()
	for {
		db, err := g.openStore(ctx, pgcluster.Open, c.log)
		if err == nil || g.DatabaseURL == "" || !database.IsRetryable(err) {
			return db, err
		}
		c.log.Warn("the database is not there yet; trying again", "error", err)
		if lifecycle.Pause(patience, time.Second) != nil {
			return nil, err
		}
	}
}
