package pgcluster

import (
	"errors"
	"strings"
)

// Kinds of [SetupError], for errors.Is.
var (
	// ErrBinariesMissing: no supported PostgreSQL is installed.
	ErrBinariesMissing = errors.New("PostgreSQL is not installed")
	// ErrPostGISMissing: PostgreSQL is installed, PostGIS for its version is not.
	ErrPostGISMissing = errors.New("PostGIS is not installed")
	// ErrVersionMismatch: the directory was made by another major version.
	ErrVersionMismatch = errors.New("data directory is of another PostgreSQL version")
	// ErrForeignDirectory: the directory holds something that isn't Waybill's.
	ErrForeignDirectory = errors.New("not a Waybill data directory")
	// ErrInUse: another process owns the directory; SetupError.PID names it.
	ErrInUse = errors.New("data directory is in use")
	// ErrDiskFull: there is no space left for the cluster.
	ErrDiskFull = errors.New("disk is full")
	// ErrPermission: this user may not write where the cluster lives.
	ErrPermission = errors.New("permission denied")
	// ErrUnreachable: the user PostgreSQL runs as can't get to the directory.
	ErrUnreachable = errors.New("data directory can't be reached")
	// ErrStart: PostgreSQL did not come up, for a reason that its log tells.
	ErrStart = errors.New("PostgreSQL did not start")
	// ErrDown is what [Cluster.Health] wraps while the cluster is being restarted.
	ErrDown = errors.New("PostgreSQL is down")
)

// SetupError says why a cluster can't be had, and what to do about it.
type SetupError struct {
	Kind   error  // one of the Err... above
	Reason string // what is wrong here, with names and paths
	Remedy string // what the reader can do
	PID    int    // the owner's process id for ErrInUse, else 0
	Cause  error  // may be nil
}

func (e *SetupError) Error() string {
	var b strings.Builder
	b.WriteString(e.Kind.Error())
	if e.Reason != "" {
		b.WriteString(": " + e.Reason)
	}
	if e.Cause != nil {
		b.WriteString(": " + e.Cause.Error())
	}
	if e.Remedy != "" {
		b.WriteString("\n  " + e.Remedy)
	}
	return b.String()
}

// Unwrap gives the kind and the cause.
func (e *SetupError) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}
