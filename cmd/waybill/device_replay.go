package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"waybill/gateway"
	gatewaypg "waybill/gateway/postgres"
	"waybill/tracking"
)

type deviceReplayCommand struct {
	Names  []string `arg:"" optional:"" help:"What to replay, as the list of rejected input names it: rejectedInputs/12."`
	Device string   `env:"-" help:"All rejected input of this device." placeholder:"ID"`
	Reason string   `env:"-" help:"All rejected input with this reason." placeholder:"WORD"`
}

// Help says what comes of it.
func (deviceReplayCommand) Help() string {
	return `Mend the cause first: register the device, correct its number or its time zone. What
becomes a fix is stored as history; it raises no alert. What is rejected again stays, with
its new reason.`
}

// Run replays what was named.
func (cmd deviceReplayCommand) Run(g *Globals, c *console, env *environment) error {
	if len(cmd.Names) == 0 && cmd.Device == "" && cmd.Reason == "" {
		return usageError{"say what to replay: names from `waybill device rejected`, or --device, or --reason"}
	}
	return g.withStore(env.ctx, c.log, func(s *store) error {
		return withGateway(env.ctx, g, c, s, func(o *offline) error {
			ids, err := cmd.ids(env.ctx, o.kept)
			if err != nil {
				return err
			}
			return replayAll(env.ctx, c, o.replayer, ids)
		})
	})
}

// ids are the keys of what was named, the oldest first.
func (cmd deviceReplayCommand) ids(ctx context.Context, kept *gatewaypg.Store) ([]int64, error) {
	var ids []int64
	for _, name := range cmd.Names {
		id, err := strconv.ParseInt(trimName(name, "rejectedInputs/"), 10, 64)
		if err != nil {
			return nil, usageError{fmt.Sprintf("%q is no rejected input; the list shows names such as rejectedInputs/12", name)}
		}
		ids = append(ids, id)
	}
	if cmd.Device == "" && cmd.Reason == "" {
		return ids, nil
	}
	const page = 500
	var found []int64
	for after := (gatewaypg.Position{}); ; {
		list, err := kept.List(ctx, trimName(cmd.Device, "devices/"), tracking.Reason(cmd.Reason), after, page)
		if err != nil {
			return nil, err
		}
		for i := range list {
			if list[i].ReplayTime.IsZero() {
				found = append([]int64{list[i].ID}, found...)
			}
		}
		if len(list) < page {
			return append(ids, found...), nil
		}
		last := &list[len(list)-1]
		after = gatewaypg.Position{LastTime: last.LastTime, ID: last.ID}
	}
}

// replayAll replays one after the other; what fails doesn't stop the rest.
func replayAll(ctx context.Context, c *console, replayer *gateway.Replayer, ids []int64) error {
	var errs []error
	for _, id := range ids {
		tally, input, err := replayer.Replay(ctx, id)
		switch {
		case errors.Is(err, gateway.ErrNoInput), errors.Is(err, gateway.ErrNotReplayable):
			errs = append(errs, fmt.Errorf("rejectedInputs/%d: %w", id, err))
		case err != nil:
			return errors.Join(append(errs, err)...)
		case len(tally.Rejected) > 0:
			c.printf("rejectedInputs/%d: rejected again: %s\n  %s\n", id, input.Reason, input.Detail)
		default:
			c.printf("rejectedInputs/%d: %d stored, %d were there already\n", id, tally.Stored, tally.Duplicates)
		}
	}
	c.printf("%d replayed\n", len(ids)-len(errs))
	return errors.Join(errs...)
}
