package pgcluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
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
