// Package lifecycle starts the parts of a process in order, and stops them in the
// reverse order: what was started last leans on what was started before it.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// DefaultGrace is how long each part may take to drain and stop.
const DefaultGrace = 30 * time.Second

// Component is one part of a process. Each function may be nil.
type Component struct {
	Name string
	// Start makes the part ready; what comes after it in the order may use it once
	// Start has returned. ctx ends early when the process is told to stop.
	Start func(ctx context.Context) error
	// Run does the part's work in a goroutine of its own, until ctx ends or Stop makes
	// it return. An error stops the whole group; nil says that the work is done.
	Run func(ctx context.Context) error
	// Stop lets the part finish what it has accepted and take no more. It is called
	// while Run is still running and everything before it in the order still works.
	// When ctx ends it has to give up.
	Stop func(ctx context.Context) error
}

// ErrStuck is wrapped by what Run returns for a component that did not stop in time.
var ErrStuck = errors.New("did not stop in time")

// Run starts the components in order and keeps them until ctx ends or one fails;
// then it stops those that were started, in reverse, waits for all of them, and
// returns what went wrong: nil after an orderly end.
func Run(ctx context.Context, logger *slog.Logger, components ...Component) error {
	return Group{Logger: logger, Grace: DefaultGrace, Components: components}.Run(ctx)
}

// Group is for [Run] with another grace.
type Group struct {
	Logger     *slog.Logger
	Grace      time.Duration
	Components []Component
}

// Run is as the function [Run] says.
func (g Group) Run(ctx context.Context) error {
	until, fail := context.WithCancelCause(ctx)
	defer fail(nil)

	var started []*part
	var failure error
	for _, c := range g.Components {
		p, err := g.start(until, c, fail)
		if err != nil {
			failure = err
			break
		}
		started = append(started, p)
	}
	if failure == nil {
		<-until.Done()
	}
	// A part that failed is the reason why a Start was cut short, not the reverse.
	if cause := context.Cause(until); ctx.Err() == nil && cause != nil {
		failure = cause
	} else if ctx.Err() != nil && errors.Is(failure, ctx.Err()) {
		failure = nil // told to stop while starting: an orderly end
	}

	errs := []error{failure}
	for i := len(started) - 1; i >= 0; i-- {
		errs = append(errs, g.stop(context.WithoutCancel(ctx), started[i], failure))
	}
	return errors.Join(errs...)
}

// part is a component that was started.
type part struct {
	Component
	cancel context.CancelFunc // ends Run
	result chan error         // Run's, buffered; closed without a value when there is no Run
}

func (g Group) start(ctx context.Context, c Component, fail context.CancelCauseFunc) (*part, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.Start != nil {
		if err := c.Start(ctx); err != nil {
			return nil, fmt.Errorf("start %s: %w", c.Name, err)
		}
	}
	g.Logger.DebugContext(ctx, "started", "component", c.Name)
	// Not ctx itself: each part runs on until its turn to stop has come.
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p := &part{Component: c, cancel: cancel, result: make(chan error, 1)}
	if c.Run == nil {
		close(p.result)
		return p, nil
	}
	go func() {
		err := c.Run(run)
		if err != nil && run.Err() != nil && errors.Is(err, context.Canceled) {
			err = nil // it ended because it was told to
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", c.Name, err)
			fail(err)
		}
		p.result <- err
	}()
	return p, nil
}

// stop ends one part and waits for it. reported is what the caller knows already.
func (g Group) stop(ctx context.Context, p *part, reported error) error {
	ctx, cancel := context.WithTimeout(ctx, g.Grace)
	defer cancel()
	var errs []error
	if p.Stop != nil {
		if err := p.Stop(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", p.Name, err))
		}
	}
	p.cancel()
	select {
	case err := <-p.result:
		if err != nil && !errors.Is(reported, err) {
			errs = append(errs, err)
		}
	case <-ctx.Done():
		errs = append(errs, fmt.Errorf("%s: %w", p.Name, ErrStuck))
	}
	g.Logger.DebugContext(ctx, "stopped", "component", p.Name)
	return errors.Join(errs...)
}
