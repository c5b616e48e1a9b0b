package access

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"waybill/internal/rpcerr"
)

// recheck is how often the caller of an open stream is looked up again, so that a
// revoked token ends its streams.
const recheck = 15 * time.Second

// Authenticator knows who bears a secret.
type Authenticator interface {
	// Authenticate returns the bearer, or an error that is [ErrUnauthenticated].
	Authenticate(ctx context.Context, secret string) (Caller, error)
}

// Guard lets calls through whose caller may make them, and puts the caller into
// their context.
type Guard struct {
	tokens  Authenticator
	table   Table
	log     *slog.Logger
	recheck time.Duration
}

// NewGuard returns a guard of the table.
func NewGuard(tokens Authenticator, table Table, log *slog.Logger) *Guard {
	return &Guard{tokens: tokens, table: table, log: log, recheck: recheck}
}

// Unary guards calls with one request.
func (g *Guard) Unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	ctx, err := g.admit(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	return handle(ctx, req)
}

// Stream guards streams, and ends them when their token ends.
func (g *Guard) Stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	ctx, err := g.admit(stream.Context(), info.FullMethod)
	if err != nil {
		return err
	}
	if g.table.Public(info.FullMethod) {
		return handle(srv, &guardedStream{ServerStream: stream, ctx: ctx})
	}
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.watch(ctx, info.FullMethod, cancel)
	}()
	err = handle(srv, &guardedStream{ServerStream: stream, ctx: ctx})
	ended := context.Cause(ctx)
	cancel(nil)
	<-done
	if ended != nil && errors.Is(ended, errEnded) {
		return unauthenticated()
	}
	return err
}

// errEnded is the cause of a stream's end when its token has ended.
var errEnded = errors.New("the token has ended")

// watch ends the stream when its token no longer admits it.
func (g *Guard) watch(ctx context.Context, method string, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(g.recheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_, err := g.tokens.Authenticate(ctx, secretOf(ctx))
			if errors.Is(err, ErrUnauthenticated) {
				g.log.InfoContext(ctx, "stream ended with its token", slog.String("method", method))
				cancel(errEnded)
				return
			}
		}
	}
}

// admit returns the context with the caller in it.
func (g *Guard) admit(ctx context.Context, method string) (context.Context, error) {
	if g.table.Public(method) {
		return ctx, nil
	}
	if !g.table.Known(method) {
		g.log.ErrorContext(ctx, "method is missing from the table of methods to roles", slog.String("method", method))
		return nil, rpcerr.New(codes.PermissionDenied, "METHOD_NOT_ALLOWED", "nobody may call this method")
	}
	secret := secretOf(ctx)
	if secret == "" {
		return nil, rpcerr.New(codes.Unauthenticated, "TOKEN_MISSING",
			"send a token as `Authorization: Bearer <token>`; `waybill token create` issues one")
	}
	caller, err := g.tokens.Authenticate(ctx, secret)
	switch {
	case errors.Is(err, ErrUnauthenticated):
		return nil, unauthenticated()
	case err != nil:
		g.log.WarnContext(ctx, "tokens can't be checked", slog.String("error", err.Error()))
		return nil, rpcerr.New(codes.Unavailable, "STORE_UNAVAILABLE", "the token can't be checked now; try again")
	case !g.table.Allows(method, caller.Role):
		return nil, rpcerr.New(codes.PermissionDenied, "ROLE_NOT_ALLOWED",
			"a token of the role "+string(caller.Role)+" may not call this method; it needs the role "+g.table.rolesOf(method))
	}
	return WithCaller(ctx, caller), nil
}

func unauthenticated() error {
	return rpcerr.New(codes.Unauthenticated, "TOKEN_INVALID", "the token is unknown, expired or revoked; ask for a new one")
}

// secretOf is the bearer's secret, or empty.
func secretOf(ctx context.Context) string {
	for _, value := range metadata.ValueFromIncomingContext(ctx, "authorization") {
		if scheme, secret, ok := strings.Cut(value, " "); ok && strings.EqualFold(scheme, "bearer") {
			return strings.TrimSpace(secret)
		}
	}
	return ""
}

// guardedStream is a stream whose context has the caller in it.
type guardedStream struct {
	grpc.ServerStream
	ctx context.Context //nolint:containedctx // grpc.ServerStream hands its context out by a method.
}

// Context returns the context with the caller in it.
func (s *guardedStream) Context() context.Context { return s.ctx }
