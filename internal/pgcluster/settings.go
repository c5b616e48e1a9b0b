package pgcluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const settingsFile = "waybill.conf"

// includes end postgresql.conf: first ours, which every start rewrites, then one
// that an operator may write and we never touch.
const includes = "\ninclude_if_exists = 'waybill.conf'\ninclude_if_exists = 'local.conf'\n"

// settings is the text of waybill.conf.
func settings(socketDir string, durable bool) string {
	lines := []string{
		"# Written by Waybill at every start. Put settings of your own into local.conf beside it.",
		"listen_addresses = ''",
		"port = " + fmt.Sprint(port),
		"unix_socket_directories = " + quote(socketDir),
		"unix_socket_permissions = 0700",
		"max_connections = 200",
		// A query over a long history locks every day's partition and its indexes.
		"max_locks_per_transaction = 512",
		"shared_buffers = '256MB'",
		"work_mem = '16MB'",
		"maintenance_work_mem = '128MB'",
		"max_wal_size = '4GB'",
		// Pages go to the disk as they are written, and not many at once when the system
		// finds them old: commits wait for the same disk.
		"backend_flush_after = '256kB'",
		"random_page_cost = 1.1",
		// Many short statements: compiling one costs more than running it.
		"jit = off",
		"timezone = 'UTC'",
		"log_timezone = 'UTC'",
		"lc_messages = 'C'",
		// Not the errors of statements: those go to whoever ran them, who logs them
		// when they matter. 'log' keeps starts, stops, crashes and worse.
		"log_min_messages = 'log'",
		"log_checkpoints = off",
		"logging_collector = off",
		"cluster_name = 'waybill'",
	}
	if durable {
		lines = append(lines, "fsync = on", "synchronous_commit = on", "full_page_writes = on")
	} else {
		lines = append(lines, "fsync = off", "synchronous_commit = off", "full_page_writes = off",
			"autovacuum = off", "shared_buffers = '64MB'", "max_wal_size = '1GB'", "wal_level = 'minimal'", "max_wal_senders = 0")
	}
	return strings.Join(lines, "\n") + "\n"
}

// quote writes a string as postgresql.conf wants it.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// writeSettings replaces waybill.conf in a cluster's directory in one step.
func (s *server) writeSettings(dataDir string) error {
	path := filepath.Join(dataDir, settingsFile)
	next := path + ".new"
	if err := os.WriteFile(next, []byte(settings(s.socketDir, s.durable)), 0o600); err != nil {
		return fileError(err, path)
	}
	if err := s.account.own(next); err != nil {
		return fileError(err, path)
	}
	if err := os.Rename(next, path); err != nil {
		return fileError(err, path)
	}
	return nil
}
