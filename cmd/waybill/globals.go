package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/internal/database"
	"waybill/internal/pgcluster"
	"waybill/migrations"
)

// Globals are the settings that every command has.
type Globals struct {
	DataDir     string `help:"Where the private database lives, when no --database-url is given." placeholder:"DIR" type:"path"`
	DatabaseURL string `help:"PostgreSQL with PostGIS to use. Without it, a private one is run in --data-dir." placeholder:"URL" name:"database-url"`
	LogLevel    string `help:"Least level that is logged." enum:"debug,info,warn,error" default:"info"`
	LogFormat   string `help:"How log lines are written." enum:"text,json" default:"text"`
	Region      string `help:"Country whose phone numbers may be written without a prefix." default:"CN" placeholder:"CC"`
}

func (g *Globals) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	// The enum above admits only what UnmarshalText knows.
	_ = level.UnmarshalText([]byte(g.LogLevel))
	options := &slog.HandlerOptions{Level: level}
	if g.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// dataDir is the directory of the private database: the one that was named, or the
// usual place for data of a system or a user.
func (g *Globals) dataDir() (string, error) {
	if g.DataDir != "" {
		return g.DataDir, nil
	}
	if os.Geteuid() == 0 {
		return "/var/lib/waybill", nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "waybill"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", usageError{"there is no home directory to keep data in; name one with --data-dir"}
	}
	return filepath.Join(home, ".local", "share", "waybill"), nil
}

// store is the open database.
type store struct {
	pool *pgxpool.Pool
	// url connects to the same database.
	url string
	// cluster is the private PostgreSQL, or nil with a --database-url.
	cluster *pgcluster.Cluster
}

// close closes the pool, and stops a private database that this process owns.
func (s *store) close() error {
	s.pool.Close()
	if s.cluster == nil {
		return nil
	}
	return s.cluster.Close()
}

// opener brings a private database up: pgcluster.Open for the server, which owns
// it, pgcluster.Attach for a command beside it.
type opener func(ctx context.Context, config pgcluster.Config) (*pgcluster.Cluster, error)

// openStore opens the database and brings its schema up to date.
func (g *Globals) openStore(ctx context.Context, open opener, log *slog.Logger) (*store, error) {
	s, err := g.connect(ctx, open, log)
	if err != nil {
		return nil, err
	}
	if err := database.Migrate(ctx, s.pool, migrations.FS, log); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// connect opens the database as it is.
func (g *Globals) connect(ctx context.Context, open opener, log *slog.Logger) (*store, error) {
	s := &store{url: g.DatabaseURL}
	if s.url == "" {
		dir, err := g.dataDir()
		if err != nil {
			return nil, err
		}
		if s.cluster, err = open(ctx, pgcluster.Config{DataDir: dir, Purpose: "waybill", Logger: log}); err != nil {
			return nil, err
		}
		s.url = s.cluster.URL()
	}
	pool, err := database.Open(ctx, s.url)
	if err != nil {
		if s.cluster != nil {
			err = errors.Join(err, s.cluster.Close())
		}
		return nil, err
	}
	s.pool = pool
	return s, nil
}

// withStore runs a command's work on a database that is there, beside a server or
// alone. Looking into a directory where there is none is mostly a mistake: the data
// is elsewhere.
func (g *Globals) withStore(ctx context.Context, log *slog.Logger, work func(s *store) error) error {
	if g.DatabaseURL == "" {
		dir, err := g.dataDir()
		if err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(dir, "postgres")); errors.Is(err, os.ErrNotExist) {
			return usageError{fmt.Sprintf("there is no database in %s; say where it is with --data-dir or --database-url "+
				"(that of a running demonstration: eval \"$(waybill demo --env)\"), or make one with `waybill migrate`", dir)}
		}
	}
	return g.withNewStore(ctx, log, work)
}

// withNewStore is withStore for commands that make a database where there is none.
func (g *Globals) withNewStore(ctx context.Context, log *slog.Logger, work func(s *store) error) (err error) {
	s, err := g.openStore(ctx, pgcluster.Attach, log)
	if err != nil {
		return err
	}
	defer func() {
		if e := s.close(); err == nil {
			err = e
		}
	}()
	return work(s)
}
