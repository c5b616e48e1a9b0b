package historybench

import (
	"slices"
	"time"
)

// Times is how long something took, over and over.
type Times struct {
	Count                int
	Median, P99, Longest time.Duration
}

func timesOf(durations []time.Duration) Times {
	n := len(durations)
	if n == 0 {
		return Times{}
	}
	sorted := slices.Sorted(slices.Values(durations))
	return Times{Count: n, Median: sorted[n/2], P99: sorted[n*99/100], Longest: sorted[n-1]}
}
