package rpc_test

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"waybill/gateway"
	"waybill/gateway/codec"
	"waybill/gateway/codec/coban"
	"waybill/gateway/pattern"
	"waybill/gateway/postgres"
	"waybill/gateway/rpc"
	"waybill/internal/access"
	"waybill/internal/pgtest"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
)

func servePatterns(t *testing.T) (gatewayv1.PatternServiceClient, *gateway.Texts, *postgres.Store) {
	t.Helper()
	pool := pgtest.New(t)
	store, registry, log := postgres.New(pool, postgres.Bounds{}), trackingpg.NewRegistry(pool, "CN"), slog.New(slog.DiscardHandler)
	patterns := postgres.NewPatterns(pool)
	book := pattern.NewBook(patterns, log)
	intake := gateway.NewIntake(storing{}, store, gateway.Settings{}, log, prometheus.NewRegistry())
	texts := &gateway.Texts{Intake: intake, Directory: registry, Formats: codec.Texts{{Name: "coban", Decode: coban.Decode}}, Taught: book}
	teacher := &pattern.Teacher{
		Store: patterns, Book: book, BuiltIn: texts, Inputs: store, Directory: registry,
		Replayer: &gateway.Replayer{Intake: intake, Archive: store, Roads: map[string]gateway.Road{gateway.RoadSMS: texts}},
	}
	_, err := registry.CreateDevice(t.Context(), tracking.Device{UID: "unit", Phone: "+8613800138000"}, "")
	require.NoError(t, err)

	server := grpc.NewServer(grpc.UnaryInterceptor(func(ctx context.Context, r any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		return handle(access.WithCaller(ctx, access.Caller{Role: access.Dispatcher, Token: "abc", DisplayName: "Wang Li"}), r)
	}))
	gatewayv1.RegisterPatternServiceServer(server, rpc.NewPatternServer(teacher, log))
	socket, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- server.Serve(socket) }()
	t.Cleanup(func() { server.Stop(); require.NoError(t, <-served) })
	conn, err := grpc.NewClient(socket.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return gatewayv1.NewPatternServiceClient(conn), texts, store
}

func acme() *gatewayv1.Pattern {
	return &gatewayv1.Pattern{
		DisplayName: "Acme T-9", Expression: `POS (?P<lat>[\d.]+) (?P<lon>[\d.]+) V(?P<speed>\d+) (?P<driver>\w+)`, UseSentTime: true,
		Example: "POS 31.23 121.47 V36 Wang",
	}
}

func TestPatternService(t *testing.T) {
	t.Parallel()
	client, texts, _ := servePatterns(t)
	ctx := t.Context()
	at := time.Date(2026, 9, 13, 14, 50, 40, 0, time.UTC)
	require.NoError(t, texts.HandleText(ctx, gateway.Text{ID: "1", Sender: "+8613800138000", Time: at, Body: []byte("POS 31.23 121.47 V72 Li")}))

	tried, err := client.TryPattern(ctx, &gatewayv1.TryPatternRequest{
		Pattern: acme(), Subject: &gatewayv1.TryPatternRequest_RejectedInput{RejectedInput: "rejectedInputs/1"},
	})
	require.NoError(t, err)
	require.Equal(t, "POS 31.23 121.47 V72 Li", tried.GetText())
	require.Len(t, tried.GetAttempts(), 1)
	attempt := tried.GetAttempts()[0]
	require.True(t, attempt.GetDecides())
	require.InDelta(t, 20, attempt.GetFix().GetSpeed(), 1e-9)
	require.Equal(t, at, attempt.GetFix().GetFixTime().AsTime(), "it speaks of when it was sent")
	require.Equal(t, "Li", attempt.GetFix().GetAttributes().AsMap()["driver"])
	require.Equal(t, "latitude", attempt.GetGroups()[0].GetName())
	require.Contains(t, attempt.GetGroups()[0].GetMeaning(), "31.23")

	checked, err := client.CreatePattern(ctx, &gatewayv1.CreatePatternRequest{PatternId: "acme", Pattern: acme(), ValidateOnly: true})
	require.NoError(t, err)
	require.Empty(t, checked.GetConflicts())
	_, err = client.GetPattern(ctx, &gatewayv1.GetPatternRequest{Name: "patterns/acme"})
	require.Equal(t, codes.NotFound, status.Code(err))
	made, err := client.CreatePattern(ctx, &gatewayv1.CreatePatternRequest{PatternId: "acme", Pattern: acme(), RequestId: "r"})
	require.NoError(t, err)
	require.Equal(t, "patterns/acme", made.GetPattern().GetName())
	require.Equal(t, "Wang Li", made.GetPattern().GetCreator())
	got, err := client.GetPattern(ctx, &gatewayv1.GetPatternRequest{Name: "patterns/acme"})
	require.NoError(t, err)
	require.Equal(t, acme().GetExpression(), got.GetPattern().GetExpression())
	list, err := client.ListPatterns(ctx, &gatewayv1.ListPatternsRequest{})
	require.NoError(t, err)
	require.Len(t, list.GetPatterns(), 1)

	recovered, err := client.RecoverRejectedInputs(ctx, &gatewayv1.RecoverRejectedInputsRequest{Name: "patterns/acme"})
	require.NoError(t, err)
	require.EqualValues(t, 1, recovered.GetRecovered())
	require.EqualValues(t, 1, recovered.GetStored())
	_, err = client.DeletePattern(ctx, &gatewayv1.DeletePatternRequest{Name: "patterns/acme"})
	require.NoError(t, err)
	_, err = client.DeletePattern(ctx, &gatewayv1.DeletePatternRequest{Name: "patterns/acme"})
	require.Equal(t, codes.NotFound, status.Code(err))
}

func TestMistakesOfTeachers(t *testing.T) {
	t.Parallel()
	client, _, _ := servePatterns(t)
	ctx := t.Context()
	create := func(id string, change func(p *gatewayv1.Pattern)) error {
		p := acme()
		change(p)
		_, err := client.CreatePattern(ctx, &gatewayv1.CreatePatternRequest{PatternId: id, Pattern: p})
		return err
	}
	require.NoError(t, create("acme", func(*gatewayv1.Pattern) {}))
	require.Equal(t, codes.AlreadyExists, status.Code(create("acme", func(*gatewayv1.Pattern) {})))
	for field, err := range map[string]error{
		"pattern.expression:": create("a", func(p *gatewayv1.Pattern) { p.Expression = "(" }),
		"pattern.example:":    create("a", func(p *gatewayv1.Pattern) { p.Example = "" }),
		"pattern_id:":         create("A", func(*gatewayv1.Pattern) {}),
	} {
		require.Equal(t, codes.InvalidArgument, status.Code(err), field)
		require.Contains(t, err.Error(), field)
	}
	for _, q := range []*gatewayv1.TryPatternRequest{
		{},
		{Subject: &gatewayv1.TryPatternRequest_RejectedInput{RejectedInput: "7"}},
		{Subject: &gatewayv1.TryPatternRequest_Text{Text: "x"}, TimeZone: "Mars"},
		{Subject: &gatewayv1.TryPatternRequest_Text{Text: "x"}, Pattern: &gatewayv1.Pattern{}},
	} {
		_, err := client.TryPattern(ctx, q)
		require.Equal(t, codes.InvalidArgument, status.Code(err), q)
	}
	_, err := client.TryPattern(ctx, &gatewayv1.TryPatternRequest{Subject: &gatewayv1.TryPatternRequest_RejectedInput{RejectedInput: "rejectedInputs/7"}})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = client.RecoverRejectedInputs(ctx, &gatewayv1.RecoverRejectedInputsRequest{Name: "patterns/none"})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = client.DeletePattern(ctx, &gatewayv1.DeletePatternRequest{Name: "acme"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))

	tried, err := client.TryPattern(ctx, &gatewayv1.TryPatternRequest{Subject: &gatewayv1.TryPatternRequest_Text{Text: "help me!\nLac:c742 dc90\nLast:\nT:00:00"}})
	require.NoError(t, err)
	require.Equal(t, "sos", tried.GetAttempts()[0].GetAlarm())
	require.True(t, strings.HasPrefix(tried.GetAttempts()[0].GetFormat(), "coban"))
}
