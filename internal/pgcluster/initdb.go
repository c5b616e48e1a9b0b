package pgcluster

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// initialise makes the cluster beside its place and moves it there at the end, so
// that one that was cut off is never mistaken for a whole one.
func (s *server) initialise(ctx context.Context) error {
	if err := s.clearStaging(); err != nil {
		return err
	}
	// A name of its own: an initdb whose owner was killed may still be writing.
	staging, err := os.MkdirTemp(s.layout.root, stagingPrefix)
	if err != nil {
		return fileError(err, s.layout.root)
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

const stagingPrefix = "postgres.init-"

// clearStaging removes what initialisations that were cut off have left.
func (s *server) clearStaging() error {
	left, err := filepath.Glob(filepath.Join(s.layout.root, stagingPrefix+"*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		if err := os.RemoveAll(dir); err != nil {
			return fileError(err, dir)
		}
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
