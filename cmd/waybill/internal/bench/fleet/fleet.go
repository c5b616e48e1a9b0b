// Package fleet is a load: many devices that are connected by MQTT and report at a
// steady rate, each over a connection of its own. It says how long their
// acknowledgements took, and what the server's memory did meanwhile.
package fleet

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"waybill/internal/lifecycle"
)

const (
	// connecting is how many devices connect at once.
	connecting = 64
	// samples is how often the server's memory is looked at.
	samples = 120
	// sayEvery is how often the log hears how it goes.
	sayEvery = 30 * time.Second
	// settle is how long devices that are connected stay silent before the server's
	// memory is looked at and they begin.
	settle = 5 * time.Second
)

// Device is one device with what it says to be let in.
type Device struct{ ID, Password string }

// Config says who reports, where and how much.
type Config struct {
	// MQTT is HOST:PORT of the endpoint.
	MQTT string
	// Metrics is the URL of the server's metrics, from which its memory is read.
	Metrics string
	Devices []Device
	// Rate is messages a second of each device.
	Rate float64
	// For is how long they are measured, after Warm, for which they report already.
	For, Warm time.Duration
	Log       *slog.Logger
}

// Fleet is the devices under way.
type Fleet struct {
	config                                Config
	units                                 []*unit
	acknowledged, missed, broken, refused atomic.Int64
	before, connected                     Memory // without devices, and with all connected and silent
	samples                               []Sample
}

// Run connects the devices, has them report, and says what was measured.
func Run(ctx context.Context, config Config) (Result, error) {
	f := &Fleet{config: config}
	beats := int(config.For.Seconds()*config.Rate) + 1
	for i, device := range config.Devices {
		f.units = append(f.units, &unit{
			fleet: f, device: device, number: i, topic: "waybill/" + device.ID + "/fixes",
			samples: make([]uint32, 0, beats), starts: make([]uint32, 0, beats),
		})
	}
	var err error
	if f.before, err = readMemory(ctx, config.Metrics); err != nil {
		return Result{}, err
	}
	defer f.close()
	started := time.Now()
	if err := f.connect(ctx); err != nil {
		return Result{}, err
	}
	took := time.Since(started)
	config.Log.InfoContext(ctx, "all devices are connected", "devices", len(f.units), "in", took.Round(time.Millisecond))
	if err := lifecycle.Pause(ctx, settle); err != nil {
		return Result{}, err
	}
	if f.connected, err = readMemory(ctx, config.Metrics); err != nil {
		return Result{}, err
	}
	runtime.GC() // not while it is measured
	begin := time.Now().Add(time.Second)
	if err := f.report(ctx, begin, begin.Add(config.Warm), begin.Add(config.Warm+config.For)); err != nil {
		return Result{}, err
	}
	return f.result(took), nil
}

// connect connects all, some at once.
func (f *Fleet) connect(ctx context.Context) error {
	return each(ctx, connecting, f.units, func(ctx context.Context, u *unit) error { return u.connect(ctx) })
}

// report has all report from the beginning to the end, and looks at the server from
// when on they are measured.
func (f *Fleet) report(ctx context.Context, begin, measured, end time.Time) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var watching sync.WaitGroup
	watched, stop := context.WithCancel(ctx)
	watching.Go(func() {
		if err := f.watch(watched, measured); err != nil && watched.Err() == nil {
			cancel(err)
		}
	})
	err := each(ctx, len(f.units), f.units, func(ctx context.Context, u *unit) error { return u.report(ctx, begin, measured, end) })
	stop()
	watching.Wait()
	return cmp.Or(context.Cause(ctx), err)
}

// watch samples the server's memory until the context ends.
func (f *Fleet) watch(ctx context.Context, begin time.Time) error {
	for said := begin; ; {
		at := begin.Add(time.Duration(len(f.samples)+1) * f.config.For / samples)
		if err := lifecycle.Pause(ctx, time.Until(at)); err != nil {
			return nil //nolint:nilerr // that is how it ends
		}
		memory, err := readMemory(ctx, f.config.Metrics)
		if err != nil {
			return err
		}
		f.samples = append(f.samples, Sample{At: at.Sub(begin), Memory: memory})
		if at.Sub(said) >= sayEvery {
			said = at
			f.config.Log.InfoContext(ctx, "under way", "for", at.Sub(begin), "acknowledged", f.acknowledged.Load(),
				"missed", f.missed.Load(), "broken", f.broken.Load(), "resident_mb", memory.Resident>>20)
		}
	}
}

func (f *Fleet) close() {
	for _, u := range f.units {
		if u.session != nil {
			u.session.close()
		}
	}
}

// each calls work with all, so many at once, until one fails.
func each[T any](ctx context.Context, atOnce int, all []T, work func(context.Context, T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	slots := make(chan struct{}, atOnce)
	var running sync.WaitGroup
	for _, one := range all {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		running.Go(func() {
			defer func() { <-slots }()
			if err := work(ctx, one); err != nil {
				cancel(err)
			}
		})
	}
	running.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return ctx.Err()
}
