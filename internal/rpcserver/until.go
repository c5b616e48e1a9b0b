package rpcserver

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"waybill/internal/rpcerr"
)

// until ends each stream when stopping is closed.
func until(stopping <-chan struct{}) grpc.StreamServerInterceptor {
	return func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
		ctx, cancel := context.WithCancel(stream.Context())
		stopped := make(chan bool)
		go func() {
			select {
			case <-stopping:
				cancel()
				stopped <- true
			case <-ctx.Done():
				stopped <- false
			}
		}()
		err := handle(srv, &boundedStream{ServerStream: stream, ctx: ctx})
		cancel()
		if <-stopped {
			return rpcerr.New(codes.Unavailable, "SHUTTING_DOWN", "this process is shutting down; call again")
		}
		return err
	}
}

// boundedStream is a stream with a context of its own.
type boundedStream struct {
	grpc.ServerStream
	ctx context.Context //nolint:containedctx // grpc.ServerStream hands its context out by a method.
}

// Context returns the stream's own context.
func (s *boundedStream) Context() context.Context { return s.ctx }
