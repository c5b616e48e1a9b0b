package pgcluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// minMajor is the oldest PostgreSQL that we run on: the oldest that its makers
// and PostGIS 3.3 both support.
const minMajor = 14

// Binaries is one installed PostgreSQL.
type Binaries struct {
	Dir     string // absolute; holds postgres, pg_ctl, initdb, pg_dump, pg_restore
	Major   int    // 15
	Version string // "15.13"
	PostGIS bool   // whether the extension is installed for it
}

// Path is the absolute path of one program, such as "pg_dump".
func (b Binaries) Path(program string) string { return filepath.Join(b.Dir, program) }

// FindOptions narrow what [Find] accepts. The zero value takes the newest.
type FindOptions struct {
	Dir   string // look here only
	Major int    // take this major version only
}

// Find looks for an installed PostgreSQL with PostGIS, newest first, where
// packages put it and on the PATH. The error is a *[SetupError] of kind
// [ErrBinariesMissing] or [ErrPostGISMissing].
func Find(ctx context.Context, want FindOptions) (Binaries, error) {
	found := installed(ctx, want.Dir)
	best := Binaries{}
	for _, b := range found {
		if want.Major != 0 && b.Major != want.Major {
			continue
		}
		if b.PostGIS {
			return b, nil
		}
		if best.Dir == "" {
			best = b
		}
	}
	if best.Dir != "" {
		return Binaries{}, &SetupError{
			Kind:   ErrPostGISMissing,
			Reason: fmt.Sprintf("PostgreSQL %s in %s has no extension postgis", best.Version, best.Dir),
			Remedy: fmt.Sprintf("Install it (Debian, Ubuntu: apt-get install postgresql-%d-postgis-3; Homebrew: brew install postgis), "+
				"or set WAYBILL_DATABASE_URL to a server that has it.", best.Major),
		}
	}
	return Binaries{}, missing(want, found)
}

// FindTools looks for the newest client programs (pg_dump, pg_restore), whether
// or not there is PostGIS beside them. The error is a *[SetupError].
func FindTools(ctx context.Context, want FindOptions) (Binaries, error) {
	found := installed(ctx, want.Dir)
	for _, b := range found {
		if want.Major == 0 || b.Major == want.Major {
			return b, nil
		}
	}
	return Binaries{}, missing(want, found)
}

func missing(want FindOptions, found []Binaries) error {
	what := fmt.Sprintf("none of version %d or newer was found", minMajor)
	if want.Major != 0 {
		what = fmt.Sprintf("version %d was not found", want.Major)
	}
	if want.Dir != "" {
		what += " in " + want.Dir
	}
	if len(found) > 0 {
		what += " (found: " + versions(found) + ")"
	}
	return &SetupError{
		Kind:   ErrBinariesMissing,
		Reason: what,
		Remedy: "Install PostgreSQL with PostGIS (Debian, Ubuntu: apt-get install postgresql postgis; Homebrew: brew install postgresql postgis), " +
			"or set WAYBILL_DATABASE_URL to a server.",
	}
}

func versions(found []Binaries) string {
	names := make([]string, len(found))
	for i, b := range found {
		names[i] = b.Version
	}
	return strings.Join(names, ", ")
}

// installed lists what there is, newest major first; of one version the one that
// has PostGIS first.
func installed(ctx context.Context, only string) []Binaries {
	dirs := []string{only}
	if only == "" {
		dirs = candidateDirs(ctx)
	}
	var found []Binaries
	seen := map[string]bool{}
	for _, dir := range dirs {
		dir, err := filepath.Abs(dir)
		if err != nil || seen[dir] {
			continue
		}
		seen[dir] = true
		if b, ok := inspect(ctx, dir); ok {
			found = append(found, b)
		}
	}
	slices.SortStableFunc(found, func(a, b Binaries) int {
		if a.Major != b.Major {
			return b.Major - a.Major
		}
		return score(b) - score(a)
	})
	return found
}

func score(b Binaries) int {
	if b.PostGIS {
		return 1
	}
	return 0
}

func candidateDirs(ctx context.Context) []string {
	var dirs []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
		"/usr/pgsql-*/bin",                                   // PGDG on Red Hat, SUSE
		"/usr/libexec/postgresql*",                           // Alpine
		"/usr/lib/postgresql*/bin",                           // SUSE, Gentoo
		"/opt/homebrew/opt/postgresql*/bin",                  // Homebrew, Apple silicon
		"/usr/local/opt/postgresql*/bin",                     // Homebrew, Intel
		"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",     // Homebrew, Linux
		"/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
		"/opt/local/lib/postgresql*/bin",                     // MacPorts
		"/usr/local/pgsql/bin",                               // built from source
		"/nix/var/nix/profiles/default/bin", "/usr/bin",      // Nix, Arch, Fedora
	} {
		if matches, err := filepath.Glob(pattern); err == nil {
			dirs = append(dirs, matches...)
		}
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	return dirs
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) ((\d+)[.\w]*)`)

// inspect asks the programs in dir what they are. A directory counts when it can
// both run a cluster and dump it.
func inspect(ctx context.Context, dir string) (Binaries, bool) {
	for _, program := range []string{"postgres", "initdb", "pg_ctl", "pg_dump", "pg_restore"} {
		if info, err := os.Stat(filepath.Join(dir, program)); err != nil || info.IsDir() {
			return Binaries{}, false
		}
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output() //nolint:gosec // a program that we looked for
	if err != nil {
		return Binaries{}, false
	}
	m := versionPattern.FindStringSubmatch(string(out))
	if m == nil {
		return Binaries{}, false
	}
	major, err := strconv.Atoi(m[2])
	if err != nil || major < minMajor {
		return Binaries{}, false
	}
	b := Binaries{Dir: dir, Major: major, Version: m[1]}
	b.PostGIS = hasPostGIS(ctx, b)
	return b, true
}

func hasPostGIS(ctx context.Context, b Binaries) bool {
	shares := []string{
		fmt.Sprintf("/usr/share/postgresql/%d", b.Major),
		filepath.Join(b.Dir, "../share"),
		filepath.Join(b.Dir, "../share/postgresql"),
		filepath.Join(b.Dir, fmt.Sprintf("../share/postgresql@%d", b.Major)),
	}
	if out, err := exec.CommandContext(ctx, b.Path("pg_config"), "--sharedir").Output(); err == nil { //nolint:gosec // a program that we looked for
		shares = []string{strings.TrimSpace(string(out))}
	}
	return slices.ContainsFunc(shares, func(share string) bool {
		_, err := os.Stat(filepath.Join(share, "extension", "postgis.control"))
		return err == nil
	})
}
