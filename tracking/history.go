package tracking

import (
	"context"
	"iter"
	"time"
)

// historyPage is how many fixes are in memory when a track is read from end to end.
const historyPage = 5_000

// History is the fixes that are stored.
type History interface {
	// FixPage lists fixes of a device by time. It fails with [ErrNotFound] for an
	// unknown device, and with [ErrUnavailable].
	FixPage(ctx context.Context, query FixQuery) ([]Report, error)
}

// FixQuery asks for a part of a device's track.
type FixQuery struct {
	// Device is a uid.
	Device string
	// From is inclusive, and the beginning of the track when zero; To is exclusive,
	// and its end when zero.
	From, To time.Time
	// After is the time of the fix after which the page begins (in the order that is
	// asked for); zero for the first page.
	After time.Time
	// Size is how many at most.
	Size int
	// Descending asks for the newest first.
	Descending bool
}

// Track reads the track of a device from end to end in the query's order, with
// never more than a few thousand fixes in memory and no connection held while the
// reader works on them. After an error it ends. After and Size of the query are not
// used.
func Track(ctx context.Context, history History, query FixQuery) iter.Seq2[Fix, error] {
	return func(yield func(Fix, error) bool) {
		query := query
		query.After, query.Size = time.Time{}, historyPage
		for {
			page, err := history.FixPage(ctx, query)
			if err != nil {
				yield(Fix{}, err)
				return
			}
			for _, report := range page {
				if !yield(report.Fix, nil) {
					return
				}
			}
			if len(page) < query.Size {
				return
			}
			query.After = page[len(page)-1].Fix.Time
		}
	}
}
