// Package backup writes the whole database into a directory and reads it back:
// pg_dump's directory format, several tables at a time, with a manifest beside it
// that says what it is.
package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"waybill/internal/database"
)

// Errors that a caller can ask about.
var (
	// ErrExists: there is something where the backup is to go.
	ErrExists = errors.New("the backup's directory is not empty")
	// ErrNotBackup: the directory holds no backup, or one that was cut off.
	ErrNotBackup = errors.New("not a backup")
	// ErrNotEmpty: the database that the backup is to go into holds something.
	ErrNotEmpty = errors.New("the database is not empty")
	// ErrVersion: server, backup and programs don't fit together.
	ErrVersion = errors.New("versions don't fit")
	// ErrFailed: pg_dump or pg_restore gave up.
	ErrFailed = errors.New("failed")
)

// Options are for [Backup] and [Restore].
type Options struct {
	Address  string         // of the database, as for database.Open
	Dir      string         // of the backup
	Jobs     int            // tables at a time, each on its own connection; below 1 is 1
	BinDir   string         // where PostgreSQL's programs are; "" looks for them
	Progress func(Progress) // called from one goroutine at a time; may be nil
	Logger   *slog.Logger   // required
}

// Progress says which table has just been begun.
type Progress struct {
	Table string // "tracking.position_20260101"
	Begun int    // how many have been, this one included
	Total int    // of how many
}

func (o Options) report(p Progress) {
	if o.Progress != nil {
		o.Progress(p)
	}
}

func (o Options) jobs() string { return "--jobs=" + strconv.Itoa(max(1, o.Jobs)) }

// Backup writes the database as it is at one moment (one snapshot, whatever goes on
// meanwhile) into a directory that doesn't exist yet or is empty. What is there
// under that name afterwards is whole: a backup that is cut off leaves nothing.
func Backup(ctx context.Context, o Options) (Manifest, error) {
	if err := vacant(o.Dir); err != nil {
		return Manifest{}, err
	}
	pool, err := database.Open(ctx, o.Address)
	if err != nil {
		return Manifest{}, err
	}
	defer pool.Close()
	manifest, err := describe(ctx, pool)
	if err != nil {
		return Manifest{}, err
	}
	programs, err := tools(ctx, o.BinDir, manifest.PostgresMajor)
	if err != nil {
		return Manifest{}, err
	}
	manifest.CreatedTime = time.Now().UTC().Truncate(time.Second)

	partial := filepath.Clean(o.Dir) + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return Manifest{}, fmt.Errorf("clear away what an earlier backup left: %w", err)
	}
	err = dump(ctx, o, programs.Path("pg_dump"), partial, manifest.Tables)
	if err == nil {
		err = manifest.write(partial)
	}
	if err == nil {
		err = replace(partial, o.Dir)
	}
	if err != nil {
		return Manifest{}, errors.Join(err, os.RemoveAll(partial))
	}
	o.Logger.InfoContext(ctx, "backup written", "dir", o.Dir, "tables", manifest.Tables)
	return manifest, nil
}

func dump(ctx context.Context, o Options, program, dir string, total int) error {
	begun := 0
	return run(ctx, o, program, func(table string) {
		begun++
		o.report(Progress{Table: table, Begun: begun, Total: max(total, begun)})
	}, "--format=directory", "--file="+dir, "--verbose", "--no-password", o.jobs())
}

// vacant fails with [ErrExists] unless a backup can be written to dir.
func vacant(dir string) error {
	if dir == "" {
		return fmt.Errorf("%w: no directory was named for the backup", ErrExists)
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("%w: %w", ErrExists, err)
	case len(entries) > 0:
		return fmt.Errorf("%w: %s\n  Name a new one; a backup never overwrites another", ErrExists, dir)
	}
	return nil
}

// replace moves from to the place of to, which is an empty directory or nothing.
func replace(from, to string) error {
	if err := os.Chmod(from, 0o700); err != nil { //nolint:gosec // a directory; it holds customers' data
		return err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(from, to)
}
