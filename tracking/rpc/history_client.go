package rpc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

// Track reads a track from end to end, as [tracking.Track] does. It needs the token of
// somebody who may see tracks; that of a peer does not do.
func (c *Client) Track(ctx context.Context, query tracking.TrackQuery) iter.Seq2[tracking.Report, error] {
	return c.track(ctx, query, nil)
}

// SimplifiedTrack is Track without the fixes that the line through the others passes
// within the tolerance in metres.
func (c *Client) SimplifiedTrack(ctx context.Context, query tracking.TrackQuery, tolerance float64) iter.Seq2[tracking.Report, error] {
	return c.track(ctx, query, &tolerance)
}

func (c *Client) track(ctx context.Context, query tracking.TrackQuery, tolerance *float64) iter.Seq2[tracking.Report, error] {
	return func(yield func(tracking.Report, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel() // it ends a stream that is not read to its end
		name := resourceName(devices, query.Device)
		if query.Vehicle != "" {
			name = resourceName(vehicles, query.Vehicle)
		}
		stream, err := c.history.StreamTrack(ctx, &trackingv1.StreamTrackRequest{
			Name: name, FromTime: timeToWire(query.From), ToTime: timeToWire(query.To), Tolerance: tolerance,
		})
		for err == nil {
			var part *trackingv1.StreamTrackResponse
			if part, err = stream.Recv(); errors.Is(err, io.EOF) {
				return
			}
			for _, wire := range part.GetFixes() {
				report, err := reportFromServer(part.GetDevice(), wire)
				if !yield(report, err) || err != nil {
					return
				}
			}
		}
		yield(tracking.Report{}, understood(ctx, err))
	}
}

// reportFromServer reads a fix that the device of the name made.
func reportFromServer(device string, wire *trackingv1.Fix) (tracking.Report, error) {
	uid, err := uidOf(devices, "device", device)
	if err != nil {
		return tracking.Report{}, err
	}
	fix, bad := fixFromWire(wire)
	if bad != nil {
		return tracking.Report{}, fmt.Errorf("read fix: %s", bad.Detail)
	}
	return tracking.Report{Device: uid, Received: timeFromWire(wire.GetReceiveTime()), Source: wire.GetSource(), Fix: fix}, nil
}
