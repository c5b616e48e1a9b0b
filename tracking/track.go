package tracking

import (
	"context"
	"iter"
	"time"
)

// trackPage is how many fixes are in memory when a track is read from end to end.
const trackPage = 5_000

// TrackQuery asks for the track of a vehicle or of a device.
type TrackQuery struct {
	// Vehicle is a uid, and Device is when that is empty. The track of a vehicle is that
	// of its primary devices, each for the time that it was fitted.
	Vehicle, Device string
	// From is inclusive, and the beginning of the track when zero; To is exclusive,
	// and its end when zero.
	From, To time.Time
	// Bare asks for fixes without attributes.
	Bare bool
}

// Track reads a track from end to end, the earliest first, with never more than a few
// thousand fixes in memory and no connection held while the reader works on them. After
// an error it ends: [ErrNotFound] for an unknown vehicle or device, [ErrUnavailable], or
// that of the context.
func Track(ctx context.Context, tracks Tracks, query TrackQuery) iter.Seq2[Report, error] {
	return func(yield func(Report, error) bool) {
		parts := []Fitting{{Device: query.Device, From: query.From, To: query.To}}
		if query.Vehicle != "" {
			fittings, err := tracks.PrimaryFittings(ctx, query.Vehicle, query.From, query.To)
			if err != nil {
				yield(Report{}, err)
				return
			}
			parts = fittings
		}
		for _, part := range parts {
			if !readFixes(ctx, tracks, query.within(part), yield) {
				return
			}
		}
	}
}

// within asks for what the fitted device did while it was fitted, as far as that was
// asked for.
func (q TrackQuery) within(fitting Fitting) FixQuery {
	part := FixQuery{Device: fitting.Device, From: fitting.From, To: fitting.To, Size: trackPage, Bare: q.Bare}
	if q.From.After(part.From) {
		part.From = q.From
	}
	if part.To.IsZero() || !q.To.IsZero() && q.To.Before(part.To) {
		part.To = q.To
	}
	return part
}

// readFixes yields all fixes, and says whether more are wanted.
func readFixes(ctx context.Context, history History, query FixQuery, yield func(Report, error) bool) bool {
	for {
		page, err := history.FixPage(ctx, query)
		if err != nil {
			yield(Report{}, err)
			return false
		}
		for _, report := range page {
			if !yield(report, nil) {
				return false
			}
		}
		if len(page) < query.Size {
			return true
		}
		query.After = page[len(page)-1].Fix.Time
	}
}
