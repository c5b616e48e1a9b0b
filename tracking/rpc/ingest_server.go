package rpc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"waybill/internal/access"
	"waybill/internal/rpcerr"
	trackingv1 "waybill/proto/waybill/tracking/v1"
	"waybill/tracking"
)

const (
	// maxBatch is how many reports of a stream are delivered at once, and how many
	// more wait meanwhile. Then the stream pushes back.
	maxBatch = 2_000
	// reasonForeign is why a device's report for another device is rejected.
	reasonForeign tracking.Reason = "not_your_device"
	// reasonDisabled is why the report of a device that is disabled is rejected.
	reasonDisabled tracking.Reason = "device_disabled"
	// directSource is the road of reports that are sent by a device itself.
	directSource = "grpc"
)

type ingestStream = grpc.BidiStreamingServer[trackingv1.IngestFixesRequest, trackingv1.IngestFixesResponse]

// IngestFixes takes reports and answers each. While a batch is being committed the
// next one gathers.
func (s *FixServer) IngestFixes(stream ingestStream) error {
	incoming := make(chan *trackingv1.IngestFixesRequest, maxBatch)
	ended := make(chan error, 1)
	// Recv can only be interrupted by our returning, so it is done beside us.
	s.readers.Go(func() {
		ended <- receive(stream, incoming)
		close(incoming)
	})
	caller := access.FromContext(stream.Context())
	if caller.Role == access.Peer {
		s.gateways.Add(1)
		defer s.gateways.Add(-1)
	}
	for {
		select {
		case <-s.closing:
			return rpcerr.New(codes.Unavailable, "SHUTTING_DOWN", "the server is stopping; send what has no answer again")
		case first, ok := <-incoming:
			if !ok {
				return rpcerr.From(<-ended)
			}
			batch := gather(first, incoming)
			for i, outcome := range s.deliver(stream.Context(), caller, batch) {
				if err := stream.Send(outcomeToWire(batch[i].GetSequence(), outcome)); err != nil {
					return err
				}
			}
		}
	}
}

// Hears says whether a gateway of another process is connected, so that fixes of its
// devices can come.
func (s *FixServer) Hears() bool { return s.gateways.Load() > 0 }

// receive hands on what comes until the sender is done.
func receive(stream ingestStream, incoming chan<- *trackingv1.IngestFixesRequest) error {
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case incoming <- request:
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}

func gather(first *trackingv1.IngestFixesRequest, incoming <-chan *trackingv1.IngestFixesRequest) []*trackingv1.IngestFixesRequest {
	batch := []*trackingv1.IngestFixesRequest{first}
	for len(batch) < maxBatch {
		select {
		case request, ok := <-incoming:
			if !ok {
				return batch
			}
			batch = append(batch, request)
		default:
			return batch
		}
	}
	return batch
}

// deliver answers all of the batch, in its order.
func (s *FixServer) deliver(ctx context.Context, caller access.Caller, batch []*trackingv1.IngestFixesRequest) []tracking.Outcome {
	outcomes := make([]tracking.Outcome, len(batch))
	reports := make([]tracking.Report, 0, len(batch))
	indices := make([]int, 0, len(batch))
	now := time.Now()
	for i, request := range batch {
		report, refused := reportFromWire(request, caller, now)
		if refused != nil {
			outcomes[i] = *refused
			continue
		}
		reports, indices = append(reports, report), append(indices, i)
	}
	if len(reports) == 0 {
		return outcomes
	}
	decided, err := s.admitted(ctx, caller, reports)
	if err != nil {
		s.log.WarnContext(ctx, "reports were not decided", slog.Any("error", err), slog.Int("reports", len(reports)))
	}
	for j, i := range indices {
		outcomes[i] = tracking.Outcome{Kind: tracking.Retry, Detail: tracking.ErrUnavailable.Error()}
		if j < len(decided) { // beside an error as well: what is decided holds
			outcomes[i] = decided[j]
		}
	}
	return outcomes
}

// admitted delivers reports, unless they are of a device that reports itself and is
// disabled. Gateways have asked before.
func (s *FixServer) admitted(ctx context.Context, caller access.Caller, reports []tracking.Report) ([]tracking.Outcome, error) {
	if caller.Role == access.Device {
		// All are of this one device, which is rejected below when there is none.
		device, err := s.options.Senders.ByUID(ctx, reports[0].Device)
		switch {
		case err != nil && !errors.Is(err, tracking.ErrNotFound):
			return nil, err
		case device.Disabled:
			refused := rejected(reasonDisabled, "the device "+device.UID+" is disabled; enable it if its fixes are wanted, then send again")
			return slices.Repeat([]tracking.Outcome{*refused}, len(reports)), nil
		}
	}
	return s.options.Sink.Deliver(ctx, reports)
}

// reportFromWire reads a report. Only gateways say when and how they got it.
func reportFromWire(request *trackingv1.IngestFixesRequest, caller access.Caller, now time.Time) (tracking.Report, *tracking.Outcome) {
	device, err := uidOf(devices, "device", request.GetDevice())
	if err != nil {
		return tracking.Report{}, rejected(tracking.ReasonUnknownDevice, fmt.Sprintf("%q is not the name of a device; give devices/abc", request.GetDevice()))
	}
	if caller.Role == access.Device && caller.Device != request.GetDevice() {
		return tracking.Report{}, rejected(reasonForeign, "this token is of "+caller.Device+"; it can't report for "+request.GetDevice())
	}
	fix, refused := fixFromWire(request.GetFix())
	if refused != nil {
		return tracking.Report{}, refused
	}
	report := tracking.Report{Device: device, Received: now, Source: directSource, Fix: fix}
	if caller.Role == access.Peer {
		if t := request.GetFix().GetReceiveTime(); t != nil && t.CheckValid() == nil {
			report.Received = t.AsTime()
		}
		if source := request.GetFix().GetSource(); source != "" {
			report.Source = source
		}
	}
	return report, nil
}
