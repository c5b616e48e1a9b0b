// Package migrations holds the schema of the database: numbered SQL files, applied
// in order and never changed once released. They go forward only.
package migrations

import "embed"

// FS has the files NNNNN_name.sql in goose's format.
//
//go:embed *.sql
var FS embed.FS
