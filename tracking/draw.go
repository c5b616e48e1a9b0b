package tracking

import (
	"iter"

	"github.com/paulmach/orb"

	"waybill/geo/simplify"
)

// Drawing is a track with as few fixes as draw it well enough.
type Drawing struct {
	// Reports are those that draw it, the first and the last among them.
	Reports []Report
	// Count is how many fixes the track has.
	Count int64
	// Deviation is a bound in metres: none of those that are left out is further from
	// the line through the others.
	Deviation float64
}

// Draw reads a track to its end, and leaves out the fixes that the line through the
// others passes within the tolerance in metres, and then those whose loss changes the
// line the least, until there are at most so many points (2 or more). It holds a few times
// as many, however long the track is. An error of the track is returned as it is.
func Draw(track iter.Seq2[Report, error], tolerance float64, points int) (Drawing, error) {
	near, few := simplify.NewTolerance(tolerance, place), simplify.NewBudget(points, place)
	var count int64
	var kept []Report
	for report, err := range track {
		if err != nil {
			return Drawing{}, err
		}
		count++
		kept = near.Add(kept[:0], report)
		for i := range kept {
			few.Add(kept[i])
		}
	}
	for _, report := range near.Finish(kept[:0]) {
		few.Add(report)
	}
	reports := few.Points()
	return Drawing{Reports: reports, Count: count, Deviation: near.Deviation() + few.Deviation()}, nil
}

// Simplified is a track without the fixes that the line through the others passes
// within the tolerance in metres. It holds about a thousand, however long the track is.
func Simplified(track iter.Seq2[Report, error], tolerance float64) iter.Seq2[Report, error] {
	return func(yield func(Report, error) bool) {
		near := simplify.NewTolerance(tolerance, place)
		var kept []Report
		for report, err := range track {
			if err != nil {
				yield(Report{}, err)
				return
			}
			kept = near.Add(kept[:0], report)
			for i := range kept {
				if !yield(kept[i], nil) {
					return
				}
			}
		}
		for _, report := range near.Finish(kept[:0]) {
			if !yield(report, nil) {
				return
			}
		}
	}
}

func place(report Report) orb.Point { return report.Fix.Position }
