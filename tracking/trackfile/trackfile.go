// Package trackfile reads recorded tracks, GPX or CSV, one fix at a time: a file
// may be longer than memory.
package trackfile

import (
	"fmt"
	"iter"

	"waybill/tracking"
)

// Fixes yields fixes in the order of the file. The sequence ends after the first
// error, which is a *[RowError] where a place in the file is to blame.
type Fixes = iter.Seq2[tracking.Fix, error]

// RowError says where a file can't be read, and why.
type RowError struct {
	// Row is the line of a CSV file, counted from 1 with its header, or the number
	// of the track point of a GPX file, counted from 1.
	Row int
	// Err says what is wrong and what to do.
	Err error
}

// Error names the row.
func (e *RowError) Error() string { return fmt.Sprintf("row %d: %v", e.Row, e.Err) }

// Unwrap returns what is wrong.
func (e *RowError) Unwrap() error { return e.Err }
