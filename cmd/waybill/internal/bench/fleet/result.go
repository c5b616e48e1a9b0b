package fleet

import (
	"slices"
	"time"
)

// Result is what was measured.
type Result struct {
	Devices int     `json:"devices"`
	Rate    float64 `json:"rate"`
	// For is how long they reported, and Connected how long it took to connect them all.
	For       time.Duration `json:"for"`
	Connected time.Duration `json:"connected"`

	Acknowledged int64 `json:"acknowledged"`
	// Missed are messages left out because the one before was not acknowledged in time;
	// Broken are connections that broke, Refused tries to connect that failed.
	Missed  int64 `json:"missed"`
	Broken  int64 `json:"broken"`
	Refused int64 `json:"refused"`

	// From the publish to its PUBACK.
	P50 time.Duration `json:"p50"`
	P99 time.Duration `json:"p99"`
	Max time.Duration `json:"max"`
	// Minutes are the p99 of each minute.
	Minutes []time.Duration `json:"minutes"`

	// Before is the server's memory without devices, Silent with all connected and none
	// reporting.
	Before  Memory   `json:"before"`
	Silent  Memory   `json:"silent"`
	Samples []Sample `json:"samples"`
	// Growth is how much more resident memory there was at the end than at half time, as
	// a share: means of a tenth of the time each.
	Growth float64 `json:"growth"`
}

// End is the server's memory at the end.
func (r Result) End() Memory { return meanMemory(r.Samples, r.For*9/10, r.For) }

// PerDevice is how many bytes of resident memory a device costs: what came with all of
// them.
func (r Result) PerDevice() int64 {
	return (r.End().Resident - r.Before.Resident) / int64(max(1, r.Devices))
}

func (f *Fleet) result(took time.Duration) Result {
	r := Result{
		Devices: len(f.units), Rate: f.config.Rate, For: f.config.For, Connected: took,
		Acknowledged: f.acknowledged.Load(), Missed: f.missed.Load(), Broken: f.broken.Load(), Refused: f.refused.Load(),
		Before: f.before, Silent: f.connected, Samples: f.samples,
	}
	var all []uint32
	byMinute := make([][]uint32, int(f.config.For/time.Minute)+1)
	for _, u := range f.units {
		all = append(all, u.samples...)
		for i, sample := range u.samples {
			minute := min(int(u.starts[i]/60e6), len(byMinute)-1)
			byMinute[minute] = append(byMinute[minute], sample)
		}
	}
	r.P50, r.P99, r.Max = quantile(all, 50), quantile(all, 99), quantile(all, 100)
	for _, minute := range byMinute {
		if len(minute) > 0 {
			r.Minutes = append(r.Minutes, quantile(minute, 99))
		}
	}
	half := meanMemory(r.Samples, r.For/2, r.For*6/10)
	if half.Resident > 0 {
		r.Growth = float64(r.End().Resident-half.Resident) / float64(half.Resident)
	}
	return r
}

// quantile sorts the samples, in microseconds.
func quantile(samples []uint32, percent int) time.Duration {
	if len(samples) == 0 {
		return 0
	}
	slices.Sort(samples)
	return time.Duration(samples[min(len(samples)*percent/100, len(samples)-1)]) * time.Microsecond
}

// meanMemory is the mean of the samples from one time to another.
func meanMemory(samples []Sample, from, to time.Duration) Memory {
	var sum Memory
	n := int64(0)
	for _, s := range samples {
		if s.At < from || s.At > to {
			continue
		}
		sum.Resident += s.Resident
		sum.Heap += s.Heap
		sum.Stack += s.Stack
		n++
	}
	if n == 0 {
		return Memory{}
	}
	return Memory{Resident: sum.Resident / n, Heap: sum.Heap / n, Stack: sum.Stack / n}
}
