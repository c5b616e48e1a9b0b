package backup

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/internal/database"
	"waybill/internal/pgcluster"
)

// Restore reads a backup into a database that is empty but for extensions; with
// force, whatever it holds is dropped first. A restore that fails half-way leaves
// what it has done: restore again, with force.
//
// Migrate afterwards: the backup may be of an older schema.
func Restore(ctx context.Context, o Options, force bool) (Manifest, error) {
	manifest, err := ReadManifest(o.Dir)
	if err != nil {
		return manifest, err
	}
	pool, err := database.Open(ctx, o.Address)
	if err != nil {
		return manifest, err
	}
	defer pool.Close()
	programs, err := check(ctx, pool, o, manifest)
	if err != nil {
		return manifest, err
	}
	total, err := countTables(ctx, programs, o.Dir)
	if err != nil {
		return manifest, err
	}
	if err := clearAway(ctx, pool, force); err != nil {
		return manifest, err
	}
	begun := 0
	err = run(ctx, o, programs.Path("pg_restore"), func(table string) {
		begun++
		o.report(Progress{Table: table, Begun: begun, Total: max(total, begun)})
	}, "--dbname="+pool.Config().ConnConfig.Database, "--verbose", "--no-password", "--exit-on-error", "--no-owner", "--no-privileges", o.jobs(), o.Dir)
	if err != nil {
		return manifest, err
	}
	// Without statistics the first queries on big tables would be planned blindly.
	if _, err := pool.Exec(ctx, "analyze"); err != nil {
		return manifest, fmt.Errorf("gather statistics: %w", err)
	}
	o.Logger.InfoContext(ctx, "backup restored", "dir", o.Dir, "tables", total)
	return manifest, nil
}

// check compares the server with the backup, and finds programs that read it.
func check(ctx context.Context, pool *pgxpool.Pool, o Options, backup Manifest) (pgcluster.Binaries, error) {
	server, err := describe(ctx, pool)
	if err != nil {
		return pgcluster.Binaries{}, err
	}
	if server.PostgresMajor < backup.PostgresMajor {
		return pgcluster.Binaries{}, fmt.Errorf("%w: the backup is of PostgreSQL %d, the server is %d\n  Restore into a server of version %d or newer",
			ErrVersion, backup.PostgresMajor, server.PostgresMajor, backup.PostgresMajor)
	}
	var available bool
	err = pool.QueryRow(ctx, "select exists (select from pg_available_extensions where name = 'postgis')").Scan(&available)
	if err != nil {
		return pgcluster.Binaries{}, fmt.Errorf("look for PostGIS: %w", err)
	}
	if backup.PostGIS != "" && !available {
		return pgcluster.Binaries{}, fmt.Errorf("%w\n  Install it on the server (Debian, Ubuntu: apt-get install postgresql-%d-postgis-3)",
			database.ErrPostGISMissing, server.PostgresMajor)
	}
	return tools(ctx, o.BinDir, server.PostgresMajor)
}

// countTables asks the backup itself, which also proves that it can be read.
func countTables(ctx context.Context, programs pgcluster.Binaries, dir string) (int, error) {
	out, err := exec.CommandContext(ctx, programs.Path("pg_restore"), "--list", dir).CombinedOutput() //nolint:gosec // a program that we looked for
	if err != nil {
		return 0, fmt.Errorf("%w: pg_restore can't read %s: %s", ErrNotBackup, dir, strings.TrimSpace(string(out)))
	}
	return strings.Count(string(out), " TABLE DATA "), nil
}

// clearAway fails with [ErrNotEmpty] when there are tables, or drops everything that
// is no extension's.
func clearAway(ctx context.Context, pool *pgxpool.Pool, force bool) error {
	rows, err := pool.Query(ctx, userTables+" order by 1, 2")
	if err != nil {
		return fmt.Errorf("look what is in the database: %w", err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Schema, Name string }])
	if err != nil {
		return fmt.Errorf("look what is in the database: %w", err)
	}
	if len(tables) > 0 && !force {
		return fmt.Errorf("%w: it has %d tables, %s.%s among them\n  Restore into a new database, or with --force, which drops what is there",
			ErrNotEmpty, len(tables), tables[0].Schema, tables[0].Name)
	}
	if !force {
		return nil
	}
	if _, err := pool.Exec(ctx, dropEverything); err != nil {
		return fmt.Errorf("drop what is in the database: %w", err)
	}
	return nil
}

// dropEverything drops schemas, and the tables and functions in public, save those
// that belong to extensions.
const dropEverything = `
do $$
declare
	name text;
begin
	for name in
		select quote_ident(nspname) from pg_namespace n
		where nspname not in ('public', 'information_schema') and nspname !~ '^pg_'
		  and not exists (select from pg_depend d where d.classid = 'pg_namespace'::regclass and d.objid = n.oid and d.deptype = 'e')
	loop
		execute 'drop schema ' || name || ' cascade';
	end loop;
	for name in
		select format('%s public.%I', case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end, c.relname)
		from pg_class c
		where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S') and not c.relispartition
		  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('e', 'a', 'i'))
	loop
		execute 'drop ' || name || ' cascade';
	end loop;
	for name in
		select format('%I.%I(%s)', 'public', p.proname, pg_get_function_identity_arguments(p.oid))
		from pg_proc p
		where p.pronamespace = 'public'::regnamespace
		  and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
	loop
		execute 'drop routine if exists ' || name || ' cascade';
	end loop;
end $$`
