package main

import (
	"errors"
	"runtime"

	"waybill/internal/backup"
	"waybill/internal/database"
	"waybill/internal/pgcluster"
	"waybill/migrations"
)

type backupCommand struct {
	Dir  string `arg:"" help:"Directory to write, which must not exist yet or be empty." type:"path"`
	Jobs int    `env:"-" help:"Tables at a time." default:"2"`
}

// Help says what comes of it.
func (backupCommand) Help() string {
	return `The backup is of one moment, whatever goes on meanwhile, and whole or not there
at all. It is pg_dump's directory format with a manifest beside it.`
}

// Run writes a backup while the server goes on.
func (cmd backupCommand) Run(g *Globals, c *console, env *environment) error {
	return g.withStore(env.ctx, c.log, func(s *store) error {
		manifest, err := backup.Backup(env.ctx, cmd.options(s, c))
		if err != nil {
			return err
		}
		c.printf("%d tables are in %s\n", manifest.Tables, cmd.Dir)
		return nil
	})
}

func (cmd backupCommand) options(s *store, c *console) backup.Options {
	return backup.Options{
		Address: s.url, Dir: cmd.Dir, Jobs: min(cmd.Jobs, runtime.NumCPU()*2), Logger: c.log,
		Progress: func(p backup.Progress) { c.log.Debug("table", "name", p.Table, "begun", p.Begun, "of", p.Total) },
	}
}

type restoreCommand struct {
	Dir   string `arg:"" help:"Directory that waybill backup wrote." type:"path"`
	Jobs  int    `env:"-" help:"Tables at a time." default:"2"`
	Force bool   `env:"-" help:"Replace what the database holds now."`
}

// Help says what comes of it.
func (restoreCommand) Help() string {
	return `Stop the server first. The database must be empty, or be given up with --force.
A backup of an older Waybill is brought up to date afterwards.`
}

// Run reads a backup.
func (cmd restoreCommand) Run(g *Globals, c *console, env *environment) (err error) {
	// Owned, not borrowed: nothing may be replaced under a server that runs.
	s, err := g.connect(env.ctx, pgcluster.Open, c.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	manifest, err := backup.Restore(env.ctx, backupCommand{Dir: cmd.Dir, Jobs: cmd.Jobs}.options(s, c), cmd.Force)
	if err != nil {
		return err
	}
	if err := database.Migrate(env.ctx, s.pool, migrations.FS, c.log); err != nil {
		return err
	}
	c.printf("%d tables are restored, as of %s\n", manifest.Tables, manifest.CreatedTime)
	return nil
}
