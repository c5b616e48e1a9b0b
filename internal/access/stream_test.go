package access

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// fading is a token that holds, then can't be checked, and then has ended.
type fading struct{ asked atomic.Int32 }

func (f *fading) Authenticate(context.Context, string) (Caller, error) {
	switch f.asked.Add(1) {
	case 1, 2:
		return Caller{Role: Dispatcher}, nil
	case 3:
		return Caller{}, errors.New("the database is away")
	default:
		return Caller{}, ErrUnauthenticated
	}
}

type openStream struct {
	grpc.ServerStream
	ctx context.Context //nolint:containedctx // grpc.ServerStream hands its context out by a method.
}

func (s openStream) Context() context.Context { return s.ctx }

func TestStreamsEndWithTheirToken(t *testing.T) {
	t.Parallel()
	tokens := &fading{}
	guard := NewGuard(tokens, Methods(), slog.New(slog.DiscardHandler))
	guard.recheck = time.Millisecond
	ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs("authorization", "Bearer x"))
	info := &grpc.StreamServerInfo{FullMethod: "/waybill.tracking.v1.FixService/WatchPositions"}
	err := guard.Stream(nil, openStream{ctx: ctx}, info, func(_ any, stream grpc.ServerStream) error {
		<-stream.Context().Done()
		return stream.Context().Err()
	})
	require.Equal(t, codes.Unauthenticated, status.Code(err))
	require.EqualValues(t, 4, tokens.asked.Load(), "a database that is away ends no stream")
}
