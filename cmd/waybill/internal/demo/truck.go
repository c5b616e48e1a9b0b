package demo

import (
	"context"
	"log/slog"
	"math"
	"time"

	"waybill/tracking"
)

// pace of a truck on a motorway, metres a second.
const pace = 22.0

// Road takes the fixes of one unit to the server.
type Road interface {
	// Send returns when the fixes are acknowledged, or in the SIM.
	Send(ctx context.Context, fixes []tracking.Fix) error
	Close()
}

// truck drives to and fro on its route, and reports.
type truck struct {
	id   string
	way  route
	road Road
	// every is the time between two reports.
	every time.Duration
	// from is where on the way it starts, in metres.
	from float64
	// pause is how long it stands at each end.
	pause time.Duration
	// until is when it falls silent; never when zero.
	until time.Time
	log   *slog.Logger
}

// drive reports until the context ends. Each report says where a truck is that
// left at the start and kept its pace, whatever became of earlier reports.
func (t *truck) drive(ctx context.Context) {
	defer t.road.Close()
	start := time.Now()
	tick := time.NewTicker(t.every)
	defer tick.Stop()
	for now := start; ; {
		if err := t.road.Send(ctx, []tracking.Fix{t.fix(now, now.Sub(start))}); err != nil {
			if ctx.Err() == nil {
				t.log.WarnContext(ctx, "a truck of the demonstration gave up", slog.String("truck", t.id), slog.String("error", err.Error()))
			}
			return
		}
		if !t.until.IsZero() && now.After(t.until) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case now = <-tick.C:
		}
	}
}

// fix is what the truck reports after it has been under way for a time.
func (t *truck) fix(now time.Time, underWay time.Duration) tracking.Fix {
	position, course, speed := t.where(underWay)
	fix := tracking.NewFix(now, position)
	fix.Speed, fix.Course, fix.Accuracy, fix.Satellites = speed, math.Round(course), 6, 11
	fix.Attributes = map[string]any{"ignition": speed > 0}
	return fix
}

// where says where the truck is, its course and its speed.
func (t *truck) where(underWay time.Duration) (position [2]float64, course, speed float64) {
	length := t.way.length()
	leg := length + t.pause.Seconds()*pace
	driven := math.Mod(t.from+underWay.Seconds()*pace, 2*leg)
	way := t.way
	if driven >= leg {
		driven -= leg
		way = way.back()
	}
	speed = pace
	if driven >= length {
		driven, speed = length, 0
	}
	at, course := way.at(driven)
	return at, course, speed
}
