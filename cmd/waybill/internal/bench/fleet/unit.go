package fleet

import (
	"context"
	"fmt"
	"math"
	"time"

	"waybill/internal/lifecycle"
)

// unit is one device under way.
type unit struct {
	fleet   *Fleet
	device  Device
	number  int
	topic   string
	session *session
	payload []byte // kept for the next

	// samples are microseconds from publish to acknowledgement, one a message, and
	// starts those from the beginning to the publish.
	samples, starts []uint32
}

// connect connects, again and again until it works.
func (u *unit) connect(ctx context.Context) error {
	wait := 100 * time.Millisecond
	for {
		var err error
		if u.session, err = connect(ctx, u.fleet.config.MQTT, u.device); err == nil {
			return nil
		}
		u.fleet.refused.Add(1)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if wait > 10*time.Second {
			return err
		}
		if e := lifecycle.Pause(ctx, wait); e != nil {
			return e
		}
		wait *= 2
	}
}

// report publishes at the rate from the beginning until the end, and notes what is
// measured.
func (u *unit) report(ctx context.Context, begin, measured, end time.Time) error {
	period := time.Duration(float64(time.Second) / u.fleet.config.Rate)
	// Devices don't know of each other: their beats are spread over the period.
	next := begin.Add(time.Duration(u.number) * period / time.Duration(len(u.fleet.config.Devices)))
	for beat := 0; next.Before(end); beat++ {
		if err := lifecycle.Pause(ctx, time.Until(next)); err != nil {
			return err
		}
		u.payload = appendFix(u.payload[:0], u.number, next)
		if err := u.send(ctx, measured); err != nil {
			return err
		}
		next = next.Add(period)
		if late := time.Since(next); late > 0 {
			// The answer took longer than the period: the beats meanwhile are left out.
			missed := 1 + late/period
			if next.After(measured) {
				u.fleet.missed.Add(int64(missed))
			}
			next = next.Add(missed * period)
		}
	}
	return nil
}

// send publishes until it is acknowledged, over as many connections as that takes.
func (u *unit) send(ctx context.Context, measured time.Time) error {
	start := time.Now()
	for {
		err := u.session.publish(u.topic, u.payload)
		if err == nil {
			if !start.Before(measured) {
				u.samples = append(u.samples, microseconds(time.Since(start)))
				u.starts = append(u.starts, microseconds(start.Sub(measured)))
				u.fleet.acknowledged.Add(1)
			}
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		u.fleet.broken.Add(1)
		_ = u.session.conn.Close()
		if err := u.connect(ctx); err != nil {
			return err
		}
	}
}

func microseconds(d time.Duration) uint32 {
	return uint32(min(max(d.Microseconds(), 0), math.MaxUint32))
}

const (
	// Each unit drives round a circle of its own at a truck's pace.
	radius = 2_000.0  // metres
	pace   = 15.0     // metres a second
	degree = 111_195. // metres, of latitude
	around = 100      // circles side by side
)

// appendFix writes where the unit is at the time, as Waybill's JSON.
func appendFix(b []byte, number int, at time.Time) []byte {
	angle := math.Mod(float64(at.UnixMilli())/1000*pace/radius+float64(number), 2*math.Pi)
	latitude := 22 + float64(number/around)*0.05 + radius/degree*math.Sin(angle)
	longitude := 100 + float64(number%around)*0.05 + radius/degree*math.Cos(angle)/math.Cos(latitude*math.Pi/180)
	course := math.Mod(720-angle*180/math.Pi, 360) // counter-clockwise, along the tangent
	return fmt.Appendf(b, `[{"time":"%s","longitude":%.6f,"latitude":%.6f,"speed":%.1f,"course":%.1f,"accuracy":8}]`,
		at.UTC().Format("2006-01-02T15:04:05.000Z"), longitude, latitude, pace, course)
}
