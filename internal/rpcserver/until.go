package rpcserver

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"waybill/internal/rpcerr"
)

// until ends each stream with the context.
func until(ctx context.Context) grpc.StreamServerInterceptor {
	return func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
		within, cancel := context.WithCancel(stream.Context())
		defer cancel()
		stop := context.AfterFunc(ctx, cancel)
		defer stop()
		err := handle(srv, &boundedStream{ServerStream: stream, ctx: within})
		if ctx.Err() != nil && stream.Context().Err() == nil {
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
