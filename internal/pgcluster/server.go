package pgcluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// server is the PostgreSQL of one layout: how to make it, start it and stop it.
// It has no state of its own beyond the directory, so that a second process, or
// the successor of a killed one, finds it as it is.
type server struct {
	layout    layout
	binaries  Binaries
	account   account
	socketDir string
	durable   bool
	logger    *slog.Logger
}

// newServer finds binaries that fit what is in the directory.
func newServer(ctx context.Context, l layout, binDir string, durable bool, logger *slog.Logger) (*server, error) {
	major, exists, err := l.initialised()
	if err != nil {
		return nil, err
	}
	binaries, err := Find(ctx, FindOptions{Dir: binDir, Major: major})
	if err != nil {
		if exists && errors.Is(err, ErrBinariesMissing) {
			return nil, versionMismatch(ctx, l, major, binDir)
		}
		return nil, err
	}
	who, err := chooseAccount(l.data())
	if err != nil {
		return nil, err
	}
	return &server{layout: l, binaries: binaries, account: who, socketDir: l.socketDir(), durable: durable, logger: logger}, nil
}

func versionMismatch(ctx context.Context, l layout, major int, binDir string) error {
	have := installed(ctx, binDir)
	if len(have) == 0 {
		return missing(FindOptions{Dir: binDir, Major: major}, nil)
	}
	return &SetupError{
		Kind:   ErrVersionMismatch,
		Reason: fmt.Sprintf("%s was made by PostgreSQL %d; this machine has %s", l.data(), major, versions(have)),
		Remedy: fmt.Sprintf("Install PostgreSQL %d with PostGIS (apt-get install postgresql-%d-postgis-3) and start again; to move to a newer version, "+
			"run waybill backup with it, and waybill restore into a new --data-dir.", major, major),
	}
}

// prepare makes the cluster when there is none yet and writes its settings.
func (s *server) prepare(ctx context.Context) error {
	if err := s.account.reach(ctx, s.binaries, s.layout.root); err != nil {
		return err
	}
	if err := s.prepareSocketDir(); err != nil {
		return err
	}
	_, exists, err := s.layout.initialised()
	if err != nil {
		return err
	}
	if !exists {
		if err := s.initialise(ctx); err != nil {
			return err
		}
	}
	return s.writeSettings(s.layout.data())
}

// initialise makes the cluster beside its place and moves it there at the end, so
// that one that was cut off is never mistaken for a whole one.
func (s *server) initialise(ctx context.Context) error {
	staging := s.layout.staging()
	if err := os.RemoveAll(staging); err != nil {
		return fileError(err, staging)
	}
	if err := os.Mkdir(staging, 0o700); err != nil {
		return fileError(err, staging)
	}
	if err := s.account.own(staging); err != nil {
		return fileError(err, staging)
	}
	s.logger.InfoContext(ctx, "initialising the database", "dir", s.layout.data(), "postgres", s.binaries.Version, "user", s.account.name)
	if err := s.initdb(ctx, staging); err != nil {
		// Leave no half-made cluster on a disk that may be full.
		return errors.Join(err, os.RemoveAll(staging))
	}
	if err := s.writeSettings(staging); err != nil {
		return err
	}
	if err := os.Remove(s.layout.data()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fileError(err, s.layout.data())
	}
	if err := os.Rename(staging, s.layout.data()); err != nil {
		return fileError(err, s.layout.data())
	}
	return nil
}

func (s *server) initdb(ctx context.Context, dir string) error {
	args := []string{
		"-D", dir, "-U", superuser, "--encoding=UTF8", "--auth-local=trust", "--auth-host=reject",
		"--no-instructions", "--data-checksums",
	}
	if !s.durable {
		args = append(args, "--no-sync")
	}
	// From 17 on PostgreSQL has C.UTF-8 of its own; before, the system's, which not every system has.
	locales := [][]string{{"--locale=C.UTF-8"}, {"--locale=C"}}
	if s.binaries.Major >= 17 {
		locales = [][]string{{"--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"}}
	}
	var out []byte
	var err error
	for _, locale := range locales {
		cmd := s.account.command(ctx, s.layout.root, s.binaries.Path("initdb"), append(args, locale...)...)
		if out, err = cmd.CombinedOutput(); err == nil {
			break
		}
		if !strings.Contains(string(out), "invalid locale") {
			return s.explain(ctx, "initdb", err, string(out))
		}
	}
	if err != nil {
		return s.explain(ctx, "initdb", err, string(out))
	}
	conf, err := os.OpenFile(filepath.Join(dir, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fileError(err, dir)
	}
	_, err = conf.WriteString(includes)
	if err = errors.Join(err, conf.Close()); err != nil {
		return fileError(err, dir)
	}
	return nil
}

// prepareSocketDir makes the directory of the socket, for the account alone. One
// in /tmp may have been put there by somebody else, to listen in our place.
func (s *server) prepareSocketDir() error {
	err := os.Mkdir(s.socketDir, 0o700)
	if err == nil {
		return s.account.own(s.socketDir)
	}
	if !errors.Is(err, fs.ErrExist) {
		return fileError(err, s.socketDir)
	}
	info, err := os.Lstat(s.socketDir)
	if err != nil {
		return fileError(err, s.socketDir)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || (st.Uid != s.account.uid && st.Uid != uint32(os.Geteuid())) { //nolint:gosec // ids are 32 bits
		return &SetupError{
			Kind:   ErrPermission,
			Reason: fmt.Sprintf("%s, where the database is to listen, belongs to somebody else", s.socketDir),
			Remedy: "Remove it, or choose a --data-dir with a shorter path, so that the socket fits inside.",
		}
	}
	if err := os.Chmod(s.socketDir, 0o700); err != nil { //nolint:gosec // a directory needs its x
		return fileError(err, s.socketDir)
	}
	return s.account.own(s.socketDir)
}

// createDatabase makes the cluster's database when it isn't there yet.
func (s *server) createDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, address(s.socketDir, "postgres"))
	if err != nil {
		return fmt.Errorf("connect to the cluster in %s: %w", s.layout.root, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var exists bool
	err = conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", dbname).Scan(&exists)
	if err != nil || exists {
		return err
	}
	if _, err := conn.Exec(ctx, "create database "+pgx.Identifier{dbname}.Sanitize()); err != nil {
		return s.explain(ctx, "create database", err, "")
	}
	return nil
}
