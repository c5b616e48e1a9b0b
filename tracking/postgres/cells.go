package postgres

import (
	"math"

	"github.com/paulmach/orb"

	"waybill/geo"
)

const (
	// cellsPerDegree and cellsPerRow are those of the function tracking.cell.
	cellsPerDegree = 100
	cellsPerRow    = 360*cellsPerDegree + 1
)

// cells are those from first to last by their numbers, both included.
type cells struct{ first, last int32 }

// cellsAround covers all that is within the radius in metres of the center: a run of
// cells in each row, two where the antimeridian is in between. Runs that follow on
// each other, as those of whole rows do around a pole, are one.
func cellsAround(center orb.Point, radius float64) []cells {
	// A hair more, because what lies on a border is computed differently elsewhere.
	box := geo.Around(center, radius*(1+1e-9)+1e-3)
	south, north := rowOf(max(box.Min.Lat(), -90)), rowOf(min(box.Max.Lat(), 90))
	columns := columnsBetween(box.Min.Lon(), box.Max.Lon())
	var runs []cells
	for row := south; row <= north; row++ {
		for _, c := range columns {
			run := cells{row*cellsPerRow + c.first, row*cellsPerRow + c.last}
			if n := len(runs); n > 0 && runs[n-1].last+1 == run.first {
				runs[n-1].last = run.last
				continue
			}
			runs = append(runs, run)
		}
	}
	return runs
}

// columnsBetween are the columns from west to east, of which one may be beyond 180
// degrees, in ascending order. What lies on the antimeridian is in the first column or
// in the last.
func columnsBetween(west, east float64) []cells {
	first, last := columnOf(-180), columnOf(180)
	switch {
	case east-west >= 360:
		return []cells{{first, last}}
	case west <= -180:
		return []cells{{first, columnOf(east)}, {columnOf(west + 360), last}}
	case east >= 180:
		return []cells{{first, columnOf(east - 360)}, {columnOf(west), last}}
	}
	return []cells{{columnOf(west), columnOf(east)}}
}

func rowOf(lat float64) int32    { return int32(math.Floor((lat + 90) * cellsPerDegree)) }
func columnOf(lon float64) int32 { return int32(math.Floor((lon + 180) * cellsPerDegree)) }

// each lists the cells one by one when there are no more than the limit, else nil.
func each(runs []cells, limit int) []int32 {
	var numbers []int32
	for _, run := range runs {
		if len(numbers)+int(run.last-run.first)+1 > limit {
			return nil
		}
		for number := run.first; number <= run.last; number++ {
			numbers = append(numbers, number)
		}
	}
	return numbers
}
