package rpcserver

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"waybill/internal/rpcerr"
)

// observer logs and counts calls, and turns a panic into an error of that call
// alone.
type observer struct {
	log     *slog.Logger
	seconds *prometheus.HistogramVec
}

func newObserver(log *slog.Logger, metrics prometheus.Registerer) *observer {
	o := &observer{log: log, seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "waybill_rpc_seconds",
		Help:    "Time that gRPC calls took, by method and code.",
		Buckets: prometheus.ExponentialBuckets(0.0005, 2, 15),
	}, []string{"method", "code"})}
	metrics.MustRegister(o.seconds)
	return o
}

func (o *observer) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (resp any, err error) {
	start := time.Now()
	defer func() {
		if p := recover(); p != nil {
			err = o.panicked(ctx, info.FullMethod, p)
		}
		o.observe(ctx, info.FullMethod, start, err)
	}()
	return handle(ctx, req)
}

func (o *observer) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) (err error) {
	start := time.Now()
	defer func() {
		if p := recover(); p != nil {
			err = o.panicked(stream.Context(), info.FullMethod, p)
		}
		o.observe(stream.Context(), info.FullMethod, start, err)
	}()
	return handle(srv, stream)
}

func (o *observer) panicked(ctx context.Context, method string, p any) error {
	o.log.ErrorContext(ctx, "a call panicked",
		slog.String("method", method), slog.String("panic", fmt.Sprint(p)), slog.String("stack", string(debug.Stack())))
	return rpcerr.New(codes.Internal, "INTERNAL", "something went wrong on our side; it has been logged")
}

func (o *observer) observe(ctx context.Context, method string, start time.Time, err error) {
	code := status.Code(err)
	took := time.Since(start)
	o.seconds.WithLabelValues(method, code.String()).Observe(took.Seconds())
	o.log.DebugContext(ctx, "call", slog.String("method", method), slog.String("code", code.String()), slog.Duration("took", took))
}
