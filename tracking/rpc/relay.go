package rpc

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

const (
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
)

// Publisher takes positions as they change: a [tracking.Hub].
type Publisher interface {
	Publish(positions []tracking.Position)
}

// Relay publishes the positions of the other process in this one, first those that
// hold now, until the context ends. It calls again when the stream breaks, so that a
// position may come twice, and those between are missed; the newest is not.
func (c *Client) Relay(ctx context.Context, hub Publisher, log *slog.Logger) {
	pause := firstPause
	for {
		heard, err := c.relayOnce(ctx, hub)
		if ctx.Err() != nil {
			return
		}
		if heard {
			pause = firstPause
		}
		log.InfoContext(ctx, "positions stopped coming; asking again", slog.Any("error", err), slog.Duration("pause", pause))
		// Jitter, so that all readers of a server that restarts don't come at once.
		timer := time.NewTimer(pause/2 + rand.N(pause)) //nolint:gosec // no secret
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		pause = min(2*pause, longestPause)
	}
}

// relayOnce runs until the stream breaks; it says whether anything came.
func (c *Client) relayOnce(ctx context.Context, hub Publisher) (heard bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.fixes.WatchPositions(ctx, &trackingv1.WatchPositionsRequest{})
	if err != nil {
		return false, err
	}
	for {
		r, err := stream.Recv()
		if err != nil {
			return heard, err
		}
		heard = true
		positions := make([]tracking.Position, 0, len(r.GetPositions()))
		var bad error
		for _, wire := range r.GetPositions() {
			position, err := positionFromServer(wire)
			if err != nil {
				bad = errors.Join(bad, err)
				continue
			}
			positions = append(positions, position)
		}
		if len(positions) > 0 {
			hub.Publish(positions)
		}
		if bad != nil {
			return heard, bad
		}
	}
}
