package pgcluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// install makes programs that say what PostgreSQL's would.
func install(t *testing.T, version string, postgis bool) string {
	t.Helper()
	root := t.TempDir()
	bin, extensions := filepath.Join(root, "bin"), filepath.Join(root, "share", "extension")
	require.NoError(t, os.MkdirAll(bin, 0o700))
	require.NoError(t, os.MkdirAll(extensions, 0o700))
	script := fmt.Sprintf("#!/bin/sh\ncase $1 in --sharedir) echo %s/share;; *) echo 'postgres (PostgreSQL) %s (Somebody 1-2)';; esac\n", root, version)
	for _, program := range []string{"postgres", "initdb", "pg_ctl", "pg_dump", "pg_restore", "pg_config"} {
		require.NoError(t, os.WriteFile(filepath.Join(bin, program), []byte(script), 0o700)) //nolint:gosec // a program
	}
	if postgis {
		require.NoError(t, os.WriteFile(filepath.Join(extensions, "postgis.control"), nil, 0o600))
	}
	return bin
}

func TestFind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		version string
		postgis bool
		want    FindOptions
		err     error
	}{
		"good":            {"16.4", true, FindOptions{}, nil},
		"the right major": {"16.4", true, FindOptions{Major: 16}, nil},
		"a beta":          {"19beta1", true, FindOptions{}, nil},
		"the wrong major": {"16.4", true, FindOptions{Major: 15}, ErrBinariesMissing},
		"no PostGIS":      {"16.4", false, FindOptions{}, ErrPostGISMissing},
		"too old":         {"9.6.24", true, FindOptions{}, ErrBinariesMissing},
		"not PostgreSQL":  {"?", true, FindOptions{}, ErrBinariesMissing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.want.Dir = install(t, c.version, c.postgis)
			found, err := Find(t.Context(), c.want)
			require.ErrorIs(t, err, c.err)
			if c.err == nil {
				require.Equal(t, c.version, found.Version)
				require.Equal(t, filepath.Join(c.want.Dir, "pg_dump"), found.Path("pg_dump"))
				return
			}
			var setup *SetupError
			require.ErrorAs(t, err, &setup)
			require.NotEmpty(t, setup.Remedy)
		})
	}
}

func TestFindHere(t *testing.T) {
	t.Parallel()
	b, err := Find(t.Context(), FindOptions{})
	require.NoError(t, err)
	require.True(t, b.PostGIS)
	require.GreaterOrEqual(t, b.Major, minMajor)
}

func TestSalient(t *testing.T) {
	t.Parallel()
	require.Equal(t, "FATAL:  no; HINT:  do", salient("doing ... ok\nFATAL:  no\nHINT:  do\nbye"))
	require.Equal(t, "bye", salient("doing\nbye\n"))
	require.Empty(t, salient(""))
}

func FuzzParsePostmaster(f *testing.F) {
	f.Add("4242\n/data/postgres\n1700000000\n5432\n/data/socket\n\n  5432001   98304\nready   \n")
	f.Add("4242\n")
	f.Add("-1\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePostmaster(strings.NewReader(text))
		if err == nil {
			require.Greater(t, p.pid, 1)
		}
	})
}
