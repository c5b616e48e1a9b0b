package historybench

import (
	"slices"
	"time"
)

// Times is how long something took, over and over.
type Times struct {
	Count                int
	Median, P99, Longest time.Duration
	// Late is how many commits took more than twice what 99 of 100 usually take: a disk
	// and a machine of others have some at any time, so they are compared.
	Late int
}

func timesOf(durations []time.Duration) Times {
	n := len(durations)
	if n == 0 {
		return Times{}
	}
	sorted := slices.Sorted(slices.Values(durations))
	return Times{Count: n, Median: sorted[n/2], P99: sorted[n*99/100], Longest: sorted[n-1]}
}

func spellsOf(usual, sealing, dropping []time.Duration) Spells {
	usually := timesOf(usual)
	times := func(durations []time.Duration) Times {
		t := timesOf(durations)
		for _, d := range durations {
			if d > 2*usually.P99 {
				t.Late++
			}
		}
		return t
	}
	return Spells{times(usual), times(sealing), times(dropping)}
}
