// Package database opens the one store that Waybill has, PostgreSQL with PostGIS,
// and brings its schema up to date.
package database

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	connectTimeout    = 5 * time.Second
	healthCheckPeriod = 15 * time.Second
	maxConnLifetime   = time.Hour
	// connsPerCPU and minConns size the pool unless the URL does (pool_max_conns):
	// a few waiting for the disk beside each that computes.
	connsPerCPU = 4
	minConns    = 8
)

// Open makes a pool of connections to the database at address (a URL, or key=value
// pairs) and proves that it answers. The session's time zone is UTC.
//
// The error wraps [ErrAddress] for an address that can't be read, else
// [ErrUnreachable]; [IsRetryable] says whether to try again.
func Open(ctx context.Context, address string) (*pgxpool.Pool, error) {
	config, err := Config(address)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, unreachable(config, err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, unreachable(config, err)
	}
	return pool, nil
}

// Config is the pool's configuration that [Open] uses, for callers that add to it.
func Config(address string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w\n  It looks like postgres://user:password@host:5432/waybill?sslmode=require", ErrAddress, err)
	}
	if !mentions(address, "pool_max_conns") {
		config.MaxConns = int32(max(minConns, connsPerCPU*runtime.NumCPU())) //nolint:gosec // small
	}
	if !mentions(address, "pool_max_conn_lifetime") {
		config.MaxConnLifetime = maxConnLifetime
	}
	// Jitter, so that a pool that filled at once doesn't empty at once.
	config.MaxConnLifetimeJitter = config.MaxConnLifetime / 10
	config.HealthCheckPeriod = healthCheckPeriod
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	params := config.ConnConfig.RuntimeParams
	params["timezone"] = "UTC"
	if params["application_name"] == "" {
		params["application_name"] = "waybill"
	}
	return config, nil
}

func mentions(address, setting string) bool { return strings.Contains(address, setting+"=") }

func unreachable(config *pgxpool.Config, err error) error {
	c := config.ConnConfig
	return fmt.Errorf("%w: database %s on %s: %w\n  Is it running, and is WAYBILL_DATABASE_URL right?", ErrUnreachable, c.Database, c.Host, err)
}

// Errors that a caller can ask about.
var (
	// ErrAddress: the address of the database can't be read.
	ErrAddress = errors.New("bad database address")
	// ErrUnreachable: the database doesn't let us in, or isn't there.
	ErrUnreachable = errors.New("can't connect to the database")
	// ErrPostGISMissing: the server has no PostGIS, or doesn't let us enable it.
	ErrPostGISMissing = errors.New("the database has no PostGIS")
	// ErrNewerSchema: a newer Waybill has been here.
	ErrNewerSchema = errors.New("the database's schema is newer than this program")
	// ErrServerTooOld: the server is older than we support.
	ErrServerTooOld = errors.New("the database server is too old")
)
