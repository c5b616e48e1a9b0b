package pgcluster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const (
	superuser = "waybill" // the role, and
	dbname    = "waybill" // the database, that the cluster is for
	port      = 5432      // names the socket file; nothing listens on TCP

	// maxSocketPath bounds the socket's path in bytes: sockaddr_un has 108 on Linux
	// and 104 on BSD and macOS, with the closing NUL.
	maxSocketPath = 103
)

// layout is where things are in a data directory.
type layout struct{ root string }

// newLayout creates root when it is missing.
func newLayout(root string) (layout, error) {
	if root == "" {
		return layout{}, &SetupError{Kind: ErrForeignDirectory, Reason: "no data directory was named", Remedy: "Set --data-dir."}
	}
	abs, err := filepath.Abs(root)
	if err != nil {
		return layout{}, fmt.Errorf("data directory %s: %w", root, err)
	}
	// 0711: the user that PostgreSQL runs as passes through, nobody lists it.
	if err := os.MkdirAll(abs, 0o711); err != nil { //nolint:gosec // see above
		return layout{}, fileError(err, abs)
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return layout{}, fileError(err, abs)
	}
	return layout{root: abs}, nil
}

func (l layout) data() string  { return filepath.Join(l.root, "postgres") }
func (l layout) log() string   { return filepath.Join(l.root, "postgres.log") }
func (l layout) owner() string { return filepath.Join(l.root, "waybill.lock") }
func (l layout) users() string { return filepath.Join(l.root, "users.lock") }

// settings also marks a cluster as ours.
func (l layout) settings() string { return filepath.Join(l.data(), settingsFile) }

// socketDir is in the data directory, or, where that makes too long a path, a
// directory in /run or /tmp that is named after it.
func (l layout) socketDir() string {
	dir := filepath.Join(l.root, "socket")
	if len(dir)+len("/.s.PGSQL.")+len(strconv.Itoa(port)) <= maxSocketPath {
		return dir
	}
	sum := sha256.Sum256([]byte(l.root))
	base := "/tmp"
	if info, err := os.Stat("/run"); err == nil && info.IsDir() && os.Geteuid() == 0 {
		base = "/run"
	}
	return filepath.Join(base, "waybill-"+hex.EncodeToString(sum[:6]))
}

// initialised says whether there is a cluster of ours here, and of which major
// version. Something else in its place is an [ErrForeignDirectory].
func (l layout) initialised() (major int, ok bool, err error) {
	if _, err := os.Stat(filepath.Join(l.root, "PG_VERSION")); err == nil {
		return 0, false, l.foreign(l.root, "is the data directory of a PostgreSQL server itself")
	}
	entries, err := os.ReadDir(l.data())
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(entries) == 0:
		return 0, false, nil
	case errors.Is(err, syscall.ENOTDIR):
		return 0, false, l.foreign(l.data(), "is not a directory")
	case err != nil:
		return 0, false, fileError(err, l.data())
	}
	if _, err := os.Stat(l.settings()); err != nil {
		return 0, false, l.foreign(l.data(), "was not made by Waybill (there is no "+settingsFile+" in it)")
	}
	text, err := os.ReadFile(filepath.Join(l.data(), "PG_VERSION"))
	if err != nil {
		return 0, false, l.foreign(l.data(), "has no PG_VERSION: it is damaged or not a cluster")
	}
	major, err = strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, false, l.foreign(l.data(), "has an unreadable PG_VERSION")
	}
	return major, true, nil
}

func (l layout) foreign(path, what string) error {
	return &SetupError{
		Kind:   ErrForeignDirectory,
		Reason: path + " " + what,
		Remedy: "Choose another --data-dir; nothing was changed in this one.",
	}
}

// address is the URL of the cluster's database db.
func address(socketDir, db string) string {
	query := url.Values{"host": {socketDir}, "port": {strconv.Itoa(port)}}
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + db, RawQuery: query.Encode()}
	return u.String()
}

// fileError gives what the file system says a kind and a remedy.
func fileError(err error, path string) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return diskFull(path, err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return &SetupError{
			Kind:   ErrPermission,
			Reason: path + " isn't ours to read and write (we are " + userName(os.Geteuid()) + ")",
			Remedy: "Choose another --data-dir, give this one to us, or run as the user that owns it.",
			Cause:  err,
		}
	case errors.Is(err, syscall.ENOTDIR):
		return &SetupError{
			Kind: ErrForeignDirectory, Reason: path + " is not a directory", Remedy: "Choose another --data-dir.", Cause: err,
		}
	}
	return err
}

func diskFull(path string, cause error) error {
	return &SetupError{
		Kind:   ErrDiskFull,
		Reason: "no space left for " + path,
		Remedy: "Free some (a new cluster takes about 150 MB) or choose a --data-dir on another disk; then start again: nothing that was acknowledged is lost.",
		Cause:  cause,
	}
}
