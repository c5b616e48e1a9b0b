// Package ingestbench measures how fast fixes are committed, as a ratio to what
// the same PostgreSQL takes at most: binary COPY, encoded by hand, of the same rows
// into a table without an index. Both are measured in turns in one run, so that
// what else the machine does falls on both.
package ingestbench

import "time"

// Options say what to measure. The zero value of each stands for its default.
type Options struct {
	// FixesPerDevice is how many fixes of each device a batch has; 1.
	FixesPerDevice int
	// BatchSize is how many fixes a batch has; 2000.
	BatchSize int
	// Rounds is how many batches each way is timed for; 50.
	Rounds int
	// Zones is how many zones are drawn around the devices' ways; 0.
	Zones int
}

// Result is what was measured.
type Result struct {
	FixesPerDevice int
	BatchSize      int
	Zones          int
	// FixesPerSecond is what one writer commits with all that belongs to it, from
	// reports to outcomes; RawPerSecond what the raw COPY takes. Both are medians
	// over batches.
	FixesPerSecond float64
	RawPerSecond   float64
	// Ratio of the two.
	Ratio float64
	// Commit is the median time of a batch's transaction.
	Commit time.Duration
}

func (o Options) withDefaults() Options {
	if o.FixesPerDevice <= 0 {
		o.FixesPerDevice = 1
	}
	if o.BatchSize <= 0 {
		o.BatchSize = 2000
	}
	if o.Rounds <= 0 {
		o.Rounds = 50
	}
	return o
}
