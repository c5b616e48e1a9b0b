package postgres

import (
	"context"
	"math/bits"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"waybill/tracking"
	"waybill/tracking/derive"
)

// foldAtOnce is how many fixes are in memory when they are folded again.
const foldAtOnce = 256

// progress is what a segment had come to by a time.
type progress struct {
	distance tracking.Length
	idle     time.Duration
}

// progressOf says what the segment had come to by the time. It never goes back, and is
// nothing at the start and all at the end: so what is found of parts adds up to the
// whole. Of a trip it is what the fold over the fixes up to then had counted. How long
// the engine ran at a stop is shared out evenly: when it was often turns out later.
func (j *journeys) progressOf(ctx context.Context, s *segment, at time.Time) (progress, error) {
	switch {
	case !at.After(s.Start):
		return progress{}, nil
	case !at.Before(s.End):
		return progress{tracking.Length(s.Distance), s.Idle}, nil
	case s.Stop:
		return progress{idle: share(s.Idle, at.Sub(s.Start), s.End.Sub(s.Start))}, nil
	}
	state, err := j.stateAt(ctx, s, at)
	if err != nil {
		return progress{}, err
	}
	m := &state.Motion
	if m.Standing || !m.Since.Equal(s.Start) { // that it had left turned out later
		return progress{}, nil
	}
	return progress{distance: tracking.Length(min(m.Distance, s.Distance))}, nil
}

// share is the part of what a whole has; no more than the part when it is no more than
// the whole.
func share(has, part, whole time.Duration) time.Duration {
	high, low := bits.Mul64(uint64(has), uint64(part))  //nolint:gosec // none is negative
	quotient, _ := bits.Div64(high, low, uint64(whole)) //nolint:gosec // part is less than whole
	return time.Duration(quotient)                      //nolint:gosec // no more than has
}

// stateAt folds the fixes up to the time again, from the newest state of before that was
// kept: those are few.
func (j *journeys) stateAt(ctx context.Context, s *segment, at time.Time) (derive.State, error) {
	var state derive.State
	lists, err := loadFittings(ctx, j.tx.Conn(), []int64{s.deviceID})
	if err != nil {
		return state, err
	}
	since, kept := s.Start.Add(-tracking.Resolution), []byte(nil)
	rows, err := j.tx.Query(ctx, `
select fix_time, derived from tracking.kept_state where device_id = $1 and fix_time <= $2 order by fix_time desc limit 1`, s.deviceID, at)
	if err != nil {
		return state, err
	}
	_, err = pgx.ForEachRow(rows, []any{&since, &kept}, func() error { return state.UnmarshalBinary(kept) })
	if err != nil {
		return state, err
	}
	return j.foldOn(ctx, state, fittings{list: lists[s.deviceID]}, s.deviceID, since, at)
}

// foldOn folds the fixes after a time and up to another.
func (j *journeys) foldOn(ctx context.Context, state derive.State, on fittings, device int64, since, until time.Time) (derive.State, error) {
	rules := derive.DefaultRules()
	rules.Zones = nowhere{} // motion has none
	rows, err := j.tx.Query(ctx, stretch, device, since, until, nil)
	if err != nil {
		return state, err
	}
	var row seenRow
	some := make([]derive.Seen, 0, foldAtOnce)
	_, err = pgx.ForEachRow(rows, row.targets(), func() error {
		if some = append(some, row.seen(on)); len(some) == cap(some) {
			state, some = derive.Follow(state, some, &rules, &derive.Limits{}).State, some[:0]
		}
		row.attributes = nil // or what is scanned next is added to it
		return nil
	})
	return derive.Follow(state, some, &rules, &derive.Limits{}).State, err
}

// nowhere is a world without zones.
type nowhere struct{}

// At gives none.
func (nowhere) At(dst []int64, _ orb.Point) []int64 { return dst }

// SpeedLimit is never asked for.
func (nowhere) SpeedLimit(int64) float64 { return 0 }
