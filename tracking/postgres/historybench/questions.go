package historybench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/paulmach/orb"

	"waybill/geo"
	"waybill/tracking"
	"waybill/tracking/postgres"
)

const (
	// warmUp is how often each question is asked before it is timed.
	warmUp = 200
	// nearRadius is in metres.
	nearRadius = 500.0
)

// locate finds vehicles in both histories in turns.
func (b *bench) locate(ctx context.Context) error {
	small, large := postgres.NewHistory(b.small.pool), postgres.NewHistory(b.large.pool)
	for _, question := range []struct {
		result *Compared
		ask    func(h *postgres.History, vehicle string, at time.Time) error
	}{
		{&b.result.Last, func(h *postgres.History, vehicle string, _ time.Time) error {
			_, err := h.Position(ctx, vehicle)
			return err
		}},
		{&b.result.At, func(h *postgres.History, vehicle string, at time.Time) error {
			_, err := h.PositionAt(ctx, vehicle, at)
			return err
		}},
	} {
		var times [2][]time.Duration
		for i := range warmUp + b.options.Samples {
			vehicle := fmt.Sprintf("truck-%d", rand.IntN(b.options.Devices))                                          //nolint:gosec // no secret
			at := b.small.day(1 + rand.IntN(b.options.Days-1)).Add(time.Duration(rand.Int64N(int64(24 * time.Hour)))) //nolint:gosec // no secret
			for which, history := range []*postgres.History{small, large} {
				took, err := timed(func() error { return question.ask(history, vehicle, at) })
				if err != nil && !errors.Is(err, tracking.ErrNotFound) { // it was not seen before
					return err
				}
				if i >= warmUp {
					times[which] = append(times[which], took)
				}
			}
		}
		question.result.Small, question.result.Large = timesOf(times[0]), timesOf(times[1])
		question.result.Ratio = question.result.Large.Median.Seconds() / question.result.Small.Median.Seconds()
	}
	return nil
}

// near asks who was near places on the ways of the fleet, for an hour.
func (b *bench) near(ctx context.Context) error {
	history, sealed := postgres.NewHistory(b.large.pool), b.options.Days-1
	for _, asked := range []struct {
		result        *Times
		first, number int
		samples       int
	}{{&b.result.Near, 0, sealed, b.options.Samples}, {&b.result.NearOpen, sealed, 1, max(b.options.Samples/100, 1)}} {
		var times []time.Duration
		for i := range warmUp/10 + asked.samples {
			city := orb.Point{100 + float64(rand.IntN(10)), 25 + float64(rand.IntN(5))}                              //nolint:gosec // no secret
			from := b.large.day(asked.first + rand.IntN(asked.number)).Add(time.Duration(rand.IntN(23)) * time.Hour) //nolint:gosec // no secret
			took, err := timed(func() error {
				_, err := history.Passages(ctx, tracking.NearQuery{
					Center: geo.Destination(city, 360*rand.Float64(), 20_000*rand.Float64()), //nolint:gosec // no secret
					Radius: nearRadius, From: from, To: from.Add(time.Hour), Page: tracking.PassagePage{Size: 1000},
				})
				return err
			})
			if err != nil {
				return err
			}
			if i >= warmUp/10 {
				times = append(times, took)
			}
		}
		*asked.result = timesOf(times)
	}
	return nil
}

func timed(work func() error) (time.Duration, error) {
	start := time.Now()
	err := work()
	return time.Since(start), err
}
