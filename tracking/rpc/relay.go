package rpc

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"waybill/internal/lifecycle"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

const (
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
)

// Repeater hears of positions that another process has stored: a [tracking.Hub]. It
// passes over what it knows already, or something newer.
type Repeater interface {
	Repeat(positions []tracking.Position)
}

// Relay tells the hub of the positions that the processes store, until the context
// ends, and at first of those that hold now. When one breaks off it calls it again,
// and reads from another what that one may not have told.
func (c *Client) Relay(ctx context.Context, hub Repeater, log *slog.Logger) {
	var running sync.WaitGroup
	for _, process := range c.processes {
		r := relay{
			client: c, fixes: trackingv1.NewFixServiceClient(process.Connection), hub: hub,
			log: log.With(slog.String("tracking", process.Name)),
		}
		running.Go(func() { r.run(ctx) })
	}
	running.Wait()
}

// relay hears of the positions of one process.
type relay struct {
	client *Client
	fixes  trackingv1.FixServiceClient
	hub    Repeater
	log    *slog.Logger
}

func (r *relay) run(ctx context.Context) {
	wait := firstPause
	for {
		heard, err := r.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if heard {
			wait = firstPause
			// What it has stored and not told is in the store, where others find it.
			err = errors.Join(err, r.present(ctx))
		}
		r.log.InfoContext(ctx, "positions stopped coming; asking again", slog.Any("error", err), slog.Duration("pause", wait))
		// Jitter, so that all readers of a server that restarts don't come at once.
		if lifecycle.Pause(ctx, wait/2+rand.N(wait)) != nil { //nolint:gosec // no secret
			return
		}
		wait = min(2*wait, longestPause)
	}
}

// once runs until the stream breaks; it says whether anything came.
func (r *relay) once(ctx context.Context) (heard bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := r.fixes.WatchPositions(ctx, &trackingv1.WatchPositionsRequest{Own: true})
	if err != nil {
		return false, err
	}
	for {
		response, err := stream.Recv()
		if err != nil {
			return heard, err
		}
		if !heard {
			// From now on all comes by the stream; what was before is in the store.
			heard = true
			if err := r.present(ctx); err != nil {
				return heard, err
			}
		}
		positions, bad := positionsFromServer(response.GetPositions())
		r.hub.Repeat(positions)
		if bad != nil {
			return heard, bad
		}
	}
}

// present tells the hub where everything was last seen, as any of the processes says.
func (r *relay) present(ctx context.Context) error {
	page := tracking.Page{Size: watchPage}
	for {
		positions, err := r.client.Positions(ctx, tracking.Filter{}, page)
		if err != nil {
			return err
		}
		r.hub.Repeat(positions)
		if len(positions) < page.Size {
			return nil
		}
		page.After = positions[len(positions)-1].Device
	}
}
