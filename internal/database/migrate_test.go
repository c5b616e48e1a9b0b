package database_test

import (
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"waybill/internal/database"
	"waybill/internal/pgtest"
	"waybill/migrations"
)

// scratch are migrations of which the last may be left out.
func scratch(last bool) fstest.MapFS {
	files := fstest.MapFS{
		"00001_one.sql": {Data: []byte("-- +goose Up\ncreate table one (id int primary key);\n")},
		"00002_two.sql": {Data: []byte("-- +goose Up\ncreate table two (place geometry(point, 4326));\ninsert into one values (2);\n")},
	}
	if last {
		files["00003_three.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nalter table one add name text;\n")}
	}
	return files
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open(t, pgtest.NewEmptyURL(t))
	require.NoError(t, database.Migrate(t.Context(), pool, scratch(false), quiet()))
	require.NoError(t, database.Migrate(t.Context(), pool, scratch(true), quiet()), "a later version adds to it")
	have, want, err := database.Versions(t.Context(), pool, scratch(true), quiet())
	require.NoError(t, err)
	require.Equal(t, [2]int64{3, 3}, [2]int64{have, want})

	err = database.Migrate(t.Context(), pool, scratch(false), quiet())
	require.ErrorIs(t, err, database.ErrNewerSchema, "an older program is refused")
}

func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	address := pgtest.NewEmptyURL(t)
	var group errgroup.Group
	for range 4 {
		pool := pgtest.Open(t, address)
		group.Go(func() error { return database.Migrate(t.Context(), pool, scratch(true), quiet()) })
	}
	require.NoError(t, group.Wait())
	var rows int
	require.NoError(t, pgtest.Open(t, address).QueryRow(t.Context(), "select count(*) from one").Scan(&rows))
	require.Equal(t, 1, rows)
}

// A migration that fails leaves nothing of itself, and the next attempt works.
func TestMigrateFails(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open(t, pgtest.NewEmptyURL(t))
	files := scratch(true)
	good := files["00003_three.sql"]
	files["00003_three.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\ncreate table three ();\nselect 1/0;\n")}
	err := database.Migrate(t.Context(), pool, files, quiet())
	var pgErr *pgconn.PgError
	require.ErrorAs(t, err, &pgErr)
	require.ErrorContains(t, err, "00003_three.sql")
	var exists bool
	require.NoError(t, pool.QueryRow(t.Context(), "select to_regclass('three') is not null").Scan(&exists))
	require.False(t, exists)
	files["00003_three.sql"] = good
	require.NoError(t, database.Migrate(t.Context(), pool, files, quiet()))
}

func TestMigrateWithoutFiles(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open(t, pgtest.NewEmptyURL(t))
	require.NoError(t, database.Migrate(t.Context(), pool, fstest.MapFS{}, quiet()))
}

// Who may not enable PostGIS is told who may.
func TestMigrateWithoutRight(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open(t, pgtest.NewEmptyURL(t))
	weak, err := database.Config(pool.Config().ConnString())
	require.NoError(t, err)
	weak.ConnConfig.RuntimeParams["role"] = "pg_monitor"
	other := pgtest.OpenConfig(t, weak)
	err = database.Migrate(t.Context(), other, migrations.FS, quiet())
	require.ErrorIs(t, err, database.ErrPostGISMissing)
	require.ErrorContains(t, err, "superuser")
}

// The schema that ships applies, and applies to nothing a second time.
func TestShippedMigrations(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	require.NoError(t, database.Migrate(t.Context(), pool, migrations.FS, quiet()))
	have, want, err := database.Versions(t.Context(), pool, migrations.FS, quiet())
	require.NoError(t, err)
	require.Equal(t, want, have)
	require.Positive(t, have)
}
