package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/internal/pgcluster"
)

const (
	manifestFile   = "waybill.json"
	manifestFormat = 1
)

// Manifest says what a backup is of.
type Manifest struct {
	Format        int       `json:"format"`
	CreatedTime   time.Time `json:"created_time"`
	Postgres      string    `json:"postgres"` // the server's version, "15.13"
	PostgresMajor int       `json:"postgres_major"`
	PostGIS       string    `json:"postgis"`        // "" when it wasn't enabled
	SchemaVersion int64     `json:"schema_version"` // the last migration, 0 when there was none
	Tables        int       `json:"tables"`         // tables with rows of their own, partitions included
}

// ReadManifest tells what the backup in dir is of. The error wraps [ErrNotBackup].
func ReadManifest(dir string) (Manifest, error) {
	var m Manifest
	text, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return m, fmt.Errorf("%w: %w", ErrNotBackup, err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%w: %s: %w", ErrNotBackup, manifestFile, err)
	}
	if m.Format != manifestFormat {
		return m, fmt.Errorf("%w: its format is %d and this program knows %d\n  Restore it with the Waybill that wrote it", ErrNotBackup, m.Format, manifestFormat)
	}
	if _, err := os.Stat(filepath.Join(dir, "toc.dat")); err != nil {
		return m, fmt.Errorf("%w: its table of contents is missing: %w", ErrNotBackup, err)
	}
	return m, nil
}

func (m Manifest) write(dir string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, manifestFile), append(text, '\n'), 0o600)
}

// describe asks a database what a manifest says of it.
func describe(ctx context.Context, pool *pgxpool.Pool) (Manifest, error) {
	m := Manifest{Format: manifestFormat}
	var number int
	var migrated bool
	err := pool.QueryRow(ctx, `
		select current_setting('server_version'), current_setting('server_version_num')::int,
		       coalesce((select extversion from pg_extension where extname = 'postgis'), ''),
		       to_regclass('public.waybill_migrations') is not null,
		       (select count(*) from (`+userTables+`) t)`).
		Scan(&m.Postgres, &number, &m.PostGIS, &migrated, &m.Tables)
	if err != nil {
		return m, fmt.Errorf("look at the database: %w", err)
	}
	m.PostgresMajor = number / 10000
	if migrated {
		err = pool.QueryRow(ctx, "select coalesce(max(version_id), 0) from public.waybill_migrations where is_applied").Scan(&m.SchemaVersion)
		if err != nil {
			return m, fmt.Errorf("look at the schema's version: %w", err)
		}
	}
	return m, nil
}

// userTables are the tables that aren't the system's nor an extension's.
const userTables = `
	select n.nspname, c.relname
	from pg_class c join pg_namespace n on n.oid = c.relnamespace
	where c.relkind = 'r' and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
	  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`

// tools finds programs for a server of that major version: the same, or else newer,
// because pg_dump doesn't dump what is newer than itself.
func tools(ctx context.Context, binDir string, major int) (pgcluster.Binaries, error) {
	exact, err := pgcluster.FindTools(ctx, pgcluster.FindOptions{Dir: binDir, Major: major})
	if err == nil {
		return exact, nil
	}
	newest, newestErr := pgcluster.FindTools(ctx, pgcluster.FindOptions{Dir: binDir})
	if newestErr != nil {
		return newest, newestErr
	}
	if newest.Major < major {
		return newest, errors.Join(fmt.Errorf("%w: the server is PostgreSQL %d, pg_dump here is %s\n  Install postgresql-client-%d",
			ErrVersion, major, newest.Version, major), err)
	}
	return newest, nil
}
