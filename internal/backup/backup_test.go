package backup_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"waybill/internal/backup"
	"waybill/internal/database"
	"waybill/internal/pgtest"
	"waybill/migrations"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// filled is a database with rows of every kind that matters here.
func filled(t *testing.T) string {
	t.Helper()
	address := pgtest.NewURL(t)
	_, err := pgtest.Open(t, address).Exec(t.Context(), `
		create schema probe;
		create table probe.place (id bigint generated always as identity primary key, name text, geom geometry(Point, 4326), note jsonb);
		insert into probe.place (name, geom, note)
			select 'Ort ' || i || ' 货物', ST_SetSRID(ST_MakePoint(i % 360 - 180, i % 180 - 90), 4326), jsonb_build_object('i', i)
			from generate_series(1, 5000) i;
		create index on probe.place using gist (geom);
		create table probe.day (device bigint, at timestamptz, speed float8, primary key (device, at)) partition by range (at);
		create table probe.day_1 partition of probe.day for values from ('2008-01-01') to ('2008-01-02');
		create table probe.day_2 partition of probe.day for values from ('2008-01-02') to ('2008-01-03');
		insert into probe.day select i % 7, timestamptz '2008-01-01' + i * interval '5 s', 'NaN' from generate_series(1, 20000) i;
		create view probe.fast as select * from probe.day where speed > 1;
		create function public.probe_double(int) returns int language sql as 'select 2 * $1'`)
	require.NoError(t, err)
	return address
}

func TestRestoreGivesBackWhatWasBackedUp(t *testing.T) {
	t.Parallel()
	source := filled(t)
	dir := filepath.Join(t.TempDir(), "backup")
	var seen []backup.Progress
	options := backup.Options{
		Address: withSetting(t, source, "pool_max_conns", "2"), Dir: dir, Jobs: 2, Logger: quiet(),
		Progress: func(p backup.Progress) { seen = append(seen, p) },
	}
	manifest, err := backup.Backup(t.Context(), options)
	require.NoError(t, err)
	require.NotEmpty(t, manifest.PostGIS)
	require.Positive(t, manifest.SchemaVersion)
	requireProgress(t, seen, "probe.day_2")
	require.NoDirExists(t, dir+".partial")
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())

	target := pgtest.NewEmptyURL(t)
	seen = nil
	options.Address = target
	restored, err := backup.Restore(t.Context(), options, false)
	require.NoError(t, err)
	require.Equal(t, manifest, restored)
	requireProgress(t, seen, "probe.day_2")
	want, got := sums(t, source), sums(t, target)
	require.Equal(t, want, got)
	require.Contains(t, want, "probe.place")

	pool := pgtest.Open(t, target)
	require.NoError(t, database.Migrate(t.Context(), pool, migrations.FS, quiet()), "and Waybill runs on it")

	_, err = backup.Restore(t.Context(), options, false)
	require.ErrorIs(t, err, backup.ErrNotEmpty)
	_, err = pool.Exec(t.Context(), "delete from probe.place; create schema later; create table later.one (id int); create table public.two (id int)")
	require.NoError(t, err)
	_, err = backup.Restore(t.Context(), options, true)
	require.NoError(t, err)
	require.Equal(t, want, sums(t, target), "forced, what was there is gone")
}

// withSetting adds a setting of pgx's, which libpq doesn't know.
func withSetting(t *testing.T, address, name, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	query := u.Query()
	query.Set(name, value)
	u.RawQuery = query.Encode()
	return u.String()
}

func requireProgress(t *testing.T, seen []backup.Progress, table string) {
	t.Helper()
	require.NotEmpty(t, seen)
	var names []string
	for i, p := range seen {
		require.Equal(t, i+1, p.Begun)
		require.GreaterOrEqual(t, p.Total, p.Begun)
		names = append(names, p.Table)
	}
	require.Contains(t, names, table)
}

// sums gives each table's number of rows and a checksum of them.
func sums(t *testing.T, address string) map[string]string {
	t.Helper()
	pool := pgtest.Open(t, address)
	rows, err := pool.Query(t.Context(), `
		select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables
		where schemaname not in ('pg_catalog', 'information_schema')`)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	all := map[string]string{}
	for _, table := range tables {
		all[table] = sum(t, pool, table)
	}
	return all
}

func sum(t *testing.T, pool *pgxpool.Pool, table string) (text string) {
	t.Helper()
	err := pool.QueryRow(t.Context(), fmt.Sprintf(
		"select count(*) || ' ' || coalesce(md5(string_agg(md5(r::text), '' order by md5(r::text))), '') from only %s r", table)).Scan(&text)
	require.NoError(t, err)
	return text
}

func TestBackupOverwritesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "precious"), nil, 0o600))
	_, err := backup.Backup(t.Context(), backup.Options{Address: "postgres://unused/", Dir: dir, Logger: quiet()})
	require.ErrorIs(t, err, backup.ErrExists)
}

func TestBackupCutOffLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "backup")
	ctx, cut := context.WithCancel(t.Context())
	_, err := backup.Backup(ctx, backup.Options{
		Address: filled(t), Dir: dir, Logger: quiet(), Progress: func(backup.Progress) { cut() },
	})
	require.ErrorIs(t, err, context.Canceled)
	require.NoDirExists(t, dir)
	require.NoDirExists(t, dir+".partial")
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	address := pgtest.NewEmptyURL(t)
	for name, c := range map[string]struct {
		manifest string
		toc      bool
		err      error
	}{
		"no backup":      {"", false, backup.ErrNotBackup},
		"not JSON":       {"{", true, backup.ErrNotBackup},
		"another format": {`{"format": 9}`, true, backup.ErrNotBackup},
		"cut off":        {`{"format": 1, "postgres_major": 14}`, false, backup.ErrNotBackup},
		"damaged":        {`{"format": 1, "postgres_major": 14}`, true, backup.ErrNotBackup},
		"newer server":   {`{"format": 1, "postgres_major": 99}`, true, backup.ErrVersion},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if c.manifest != "" {
				require.NoError(t, os.WriteFile(filepath.Join(dir, "waybill.json"), []byte(c.manifest), 0o600))
			}
			if c.toc {
				require.NoError(t, os.WriteFile(filepath.Join(dir, "toc.dat"), []byte("rubbish"), 0o600))
			}
			_, err := backup.Restore(t.Context(), backup.Options{Address: address, Dir: dir, Logger: quiet()}, true)
			require.ErrorIs(t, err, c.err)
		})
	}
}
