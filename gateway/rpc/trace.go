package rpc

import (
	"strings"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/gateway/modem/at"
	"waybill/internal/access"
	"waybill/internal/rpcerr"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

// tracedLines is how many lines wait for a caller that is slow, before some are left out.
const tracedLines = 1024

// TraceModem streams what passes on a modem's line until the caller leaves or the server stops. What is of people is for
// admins alone.
func (s *ModemServer) TraceModem(q *gatewayv1.TraceModemRequest, stream grpc.ServerStreamingServer[gatewayv1.TraceModemResponse]) error {
	name, isModem := strings.CutPrefix(q.GetName(), modems)
	if !isModem || name == "" {
		return rpcerr.Invalid(rpcerr.Field("name", "give the modem's resource name, such as modems/usb-modem; `waybill modem list` shows them"))
	}
	m := s.modems.Modem(name)
	if m == nil {
		return rpcerr.NotFound(q.GetName())
	}
	caller := access.FromContext(stream.Context())
	show := func(line string) string { return line }
	if caller.Role != access.Admin {
		show = at.NewRedactor().Redact
	}
	s.log.InfoContext(stream.Context(), "a modem is traced", "modem", name, "role", string(caller.Role))

	lines := make(chan at.Passed, tracedLines)
	var dropped atomic.Int64
	defer m.Tap(func(p at.Passed) {
		select {
		case lines <- p:
		default:
			dropped.Add(1)
		}
	})()
	if err := stream.SendHeader(nil); err != nil { // The caller knows that it runs.
		return err
	}
	for {
		select {
		case p := <-lines:
			if err := stream.Send(&gatewayv1.TraceModemResponse{
				Time: timestamppb.New(p.Time), Direction: direction(p.Direction), Text: show(p.Text), Dropped: dropped.Swap(0),
			}); err != nil {
				return err
			}
		case <-stream.Context().Done():
			return stream.Context().Err()
		case <-s.quit:
			return nil
		}
	}
}

func direction(d at.Direction) gatewayv1.Direction {
	switch d {
	case at.Sent:
		return gatewayv1.Direction_DIRECTION_SENT
	case at.Received:
		return gatewayv1.Direction_DIRECTION_RECEIVED
	}
	return gatewayv1.Direction_DIRECTION_UNSPECIFIED
}
