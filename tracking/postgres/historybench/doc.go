// Package historybench measures what a long history costs: whether finding a vehicle
// stays as cheap among 50 million positions as among one million, how fast the
// question who was near a place is answered, and how long a commit may take while a
// day is sealed or dropped.
//
// It fills databases with a fleet that circles around cities for a month. The times
// of two sizes are taken in turns, so that what else the machine does falls on both.
package historybench

import "time"

// Options say what to measure. The zero value of each stands for its default.
type Options struct {
	// Positions is how many the large history has; 1,000,000.
	Positions int
	// SmallPositions is how many the small one has, in as many days; a fiftieth.
	SmallPositions int
	// Days is how long the histories are, three at least; 30.
	Days int
	// Devices is how large the fleet is, a vehicle each; 10,000.
	Devices int
	// Samples is how many times each question is asked; 2,000.
	Samples int
	// Quiet is how long commits are timed before and after a day is sealed and days are
	// dropped; 20 seconds.
	Quiet time.Duration
	// Progress hears of what is done, for long runs; nobody.
	Progress func(what string)
}

// LeastDays are one to drop, one that is sealed, and one to seal.
const LeastDays = 3

func (o Options) withDefaults() Options {
	if o.Positions <= 0 {
		o.Positions = 1_000_000
	}
	if o.SmallPositions <= 0 {
		o.SmallPositions = max(o.Positions/50, 1)
	}
	if o.Days <= 0 {
		o.Days = 30
	}
	o.Days = max(o.Days, LeastDays)
	if o.Devices <= 0 {
		o.Devices = 10_000
	}
	if o.Samples <= 0 {
		o.Samples = 2_000
	}
	if o.Quiet <= 0 {
		o.Quiet = 20 * time.Second
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	return o
}
