package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

const (
	// migrationLock is the key of the advisory lock that one migrating process holds.
	migrationLock = 0x7761796269_6c6c // "waybill"
	// lockPoll is how often we ask for it. Waiting inside the server would hold a
	// snapshot, which an index that is built concurrently would wait for in turn.
	lockPoll = 100 * time.Millisecond

	minServer = 140000 // server_version_num
)

// Migrate enables PostGIS and applies those of the files (goose's SQL format) that
// the database hasn't had yet. Several processes may do so at once: one works, the
// others wait for it and find nothing left to do.
//
// The error wraps [ErrPostGISMissing], [ErrNewerSchema] or [ErrServerTooOld] where
// it is one of these.
func Migrate(ctx context.Context, pool *pgxpool.Pool, files fs.FS, logger *slog.Logger) error {
	unlock, err := lock(ctx, pool)
	if err != nil {
		return fmt.Errorf("wait for the migration lock: %w", err)
	}
	defer unlock()
	if err := prepare(ctx, pool); err != nil {
		return err
	}
	provider, closeDB, err := newProvider(pool, files, logger)
	if err != nil || provider == nil {
		return err
	}
	defer closeDB()
	have, want, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if have > want {
		return fmt.Errorf("%w: it has version %d, this program knows %d\n  Install the newer version of Waybill again", ErrNewerSchema, have, want)
	}
	results, err := provider.Up(ctx)
	var partial *goose.PartialError
	if errors.As(err, &partial) {
		return fmt.Errorf("migration %s failed and was rolled back: %w", partial.Failed.Source.Path, partial.Err)
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, r := range results {
		logger.InfoContext(ctx, "migrated", "file", r.Source.Path, "took", r.Duration)
	}
	return nil
}

// Versions gives the version of the schema in the database (0 when it is empty)
// and the one that the files lead to.
func Versions(ctx context.Context, pool *pgxpool.Pool, files fs.FS, logger *slog.Logger) (have, want int64, err error) {
	provider, closeDB, err := newProvider(pool, files, logger)
	if err != nil || provider == nil {
		return 0, 0, err
	}
	defer closeDB()
	return provider.GetVersions(ctx)
}

// newProvider gives nil when there are no files.
func newProvider(pool *pgxpool.Pool, files fs.FS, logger *slog.Logger) (*goose.Provider, func(), error) {
	db := stdlib.OpenDBFromPool(pool)
	closeDB := func() { closeLogged(db, logger) }
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithTableName("public.waybill_migrations"), goose.WithDisableGlobalRegistry(true), goose.WithSlog(quiet()))
	if errors.Is(err, goose.ErrNoMigrations) {
		closeDB()
		return nil, nil, nil
	}
	if err != nil {
		closeDB()
		return nil, nil, fmt.Errorf("read the migrations: %w", err)
	}
	return provider, closeDB, nil
}

func closeLogged(db *sql.DB, logger *slog.Logger) {
	if err := db.Close(); err != nil {
		logger.Warn("close the migrations' connection", "error", err)
	}
}

// quiet is goose's own logger: what it did we log ourselves.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func lock(ctx context.Context, pool *pgxpool.Pool) (unlock func(), err error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	ticker := time.NewTicker(lockPoll)
	defer ticker.Stop()
	for {
		var locked bool
		if err := conn.QueryRow(ctx, "select pg_try_advisory_lock($1)", int64(migrationLock)).Scan(&locked); err != nil {
			conn.Release()
			return nil, err
		}
		if locked {
			break
		}
		select {
		case <-ctx.Done():
			conn.Release()
			return nil, context.Cause(ctx)
		case <-ticker.C:
		}
	}
	return func() {
		ctx := context.WithoutCancel(ctx)
		if _, err := conn.Exec(ctx, "select pg_advisory_unlock($1)", int64(migrationLock)); err != nil {
			// The lock ends with its session.
			_ = conn.Conn().Close(ctx)
		}
		conn.Release()
	}, nil
}

// prepare checks the server and enables PostGIS.
func prepare(ctx context.Context, pool *pgxpool.Pool) error {
	var number int
	var version string
	err := pool.QueryRow(ctx, "select current_setting('server_version_num')::int, current_setting('server_version')").Scan(&number, &version)
	if err != nil {
		return fmt.Errorf("ask the server's version: %w", err)
	}
	if number < minServer {
		return fmt.Errorf("%w: it is PostgreSQL %s\n  Waybill needs %d or newer", ErrServerTooOld, version, minServer/10000)
	}
	_, err = pool.Exec(ctx, "create extension if not exists postgis")
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) {
		return err
	}
	switch pgErr.Code {
	case "42501": // insufficient_privilege
		return fmt.Errorf("%w: this user may not enable it\n  As a superuser, run in this database: create extension postgis: %w", ErrPostGISMissing, err)
	case "0A000", "58P01", "58000": // feature_not_supported, undefined_file, system_error
		return fmt.Errorf("%w: it isn't installed on the server\n  Install it there (Debian, Ubuntu: apt-get install postgresql-%d-postgis-3): %w",
			ErrPostGISMissing, number/10000, err)
	}
	return fmt.Errorf("enable PostGIS: %w", err)
}
