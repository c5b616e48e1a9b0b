package rpc_test

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/gateway/outbound"
	"waybill/gateway/outbound/command"
	"waybill/gateway/postgres"
	"waybill/gateway/rpc"
	"waybill/internal/access"
	"waybill/internal/pgtest"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
)

// desk is who calls in these tests.
func desk(ctx context.Context, r any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	return next(access.WithCaller(ctx, access.Caller{Role: access.Dispatcher, Token: "t1", DisplayName: "night desk"}), r)
}

func serveOutbound(t *testing.T) (gatewayv1.TextServiceClient, gatewayv1.CommandServiceClient) {
	t.Helper()
	pool := pgtest.New(t)
	registry, log := trackingpg.NewRegistry(pool, "CN"), slog.New(slog.DiscardHandler)
	for _, d := range []tracking.Device{{UID: "truck-1", Phone: "+8613800138000", Model: "coban"}, {UID: "bare"}} {
		_, err := registry.CreateDevice(t.Context(), d, "")
		require.NoError(t, err)
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(desk))
	gatewayv1.RegisterTextServiceServer(server, rpc.NewTextServer(&outbound.Desk{Store: postgres.NewOutbound(pool), Region: "CN"}, log))
	gatewayv1.RegisterCommandServiceServer(server, rpc.NewCommandServer(&command.Service{Store: postgres.NewCommands(pool), Devices: registry}, log))
	socket, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- server.Serve(socket) }()
	t.Cleanup(func() { server.Stop(); require.NoError(t, <-served) })
	conn, err := grpc.NewClient(socket.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return gatewayv1.NewTextServiceClient(conn), gatewayv1.NewCommandServiceClient(conn)
}

func TestTexts(t *testing.T) {
	t.Parallel()
	texts, _ := serveOutbound(t)
	estimate, err := texts.EstimateText(t.Context(), &gatewayv1.EstimateTextRequest{Body: "您的货物已到"})
	require.NoError(t, err)
	require.Equal(t, int32(1), estimate.GetCost().GetParts())
	require.Equal(t, gatewayv1.TextEncoding_TEXT_ENCODING_UCS2, estimate.GetCost().GetEncoding())

	sent, err := texts.SendText(t.Context(), &gatewayv1.SendTextRequest{RequestId: "r", To: "13800138000", Body: "x", Priority: gatewayv1.TextPriority_TEXT_PRIORITY_REPLY})
	require.NoError(t, err)
	text := sent.GetText()
	require.Equal(t, "+8613800138000", text.GetTo())
	require.Equal(t, gatewayv1.TextState_TEXT_STATE_QUEUED, text.GetState())
	require.Equal(t, "night desk (tokens/t1)", text.GetCreator())
	require.Nil(t, text.GetEndTime())
	for range 2 {
		_, err = texts.SendText(t.Context(), &gatewayv1.SendTextRequest{To: "13800138001", Body: "y"})
		require.NoError(t, err)
	}

	var names []string
	request := &gatewayv1.ListTextsRequest{PageSize: 2, State: gatewayv1.TextState_TEXT_STATE_QUEUED}
	for {
		page, err := texts.ListTexts(t.Context(), request)
		require.NoError(t, err)
		for _, in := range page.GetTexts() {
			names = append(names, in.GetName())
		}
		if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
			break
		}
	}
	require.Len(t, names, 3)
	require.Equal(t, text.GetName(), names[2])

	got, err := texts.CancelText(t.Context(), &gatewayv1.CancelTextRequest{Name: text.GetName()})
	require.NoError(t, err)
	require.Equal(t, gatewayv1.TextState_TEXT_STATE_CANCELLED, got.GetText().GetState())
	again, err := texts.GetText(t.Context(), &gatewayv1.GetTextRequest{Name: text.GetName()})
	require.NoError(t, err)
	require.Equal(t, gatewayv1.TextState_TEXT_STATE_CANCELLED, again.GetText().GetState())

	for _, r := range []*gatewayv1.SendTextRequest{
		{To: "Operator", Body: "x"},
		{To: "+8613800138000"},
		{To: "+8613800138000", Body: "x", ExpireTime: timestamppb.New(time.Unix(1, 0))},
		{To: "+8613800138000", Body: "x", Priority: 9},
	} {
		_, err := texts.SendText(t.Context(), r)
		require.Equal(t, codes.InvalidArgument, status.Code(err), r)
	}
	_, err = texts.SendText(t.Context(), &gatewayv1.SendTextRequest{RequestId: "r", To: "13800138000", Body: "z"})
	require.Equal(t, codes.AlreadyExists, status.Code(err))
	_, err = texts.GetText(t.Context(), &gatewayv1.GetTextRequest{Name: "texts/nosuch"})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = texts.GetText(t.Context(), &gatewayv1.GetTextRequest{Name: "messages/1"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

func TestCommands(t *testing.T) {
	t.Parallel()
	_, commands := serveOutbound(t)
	list, err := commands.ListCommandTemplates(t.Context(), &gatewayv1.ListCommandTemplatesRequest{Model: "coban"})
	require.NoError(t, err)
	require.Len(t, list.GetCommandTemplates(), 5)
	require.Equal(t, "commandTemplates/coban.cut-off", list.GetCommandTemplates()[0].GetName())

	sent, err := commands.SendCommand(t.Context(), &gatewayv1.SendCommandRequest{
		Device: "devices/truck-1", Kind: "interval", Parameters: map[string]string{"interval": "30", "password": "4711"},
	})
	require.NoError(t, err)
	require.Equal(t, "fix030s***n****", sent.GetCommand().GetBody())
	require.Equal(t, gatewayv1.TextState_TEXT_STATE_QUEUED, sent.GetCommand().GetState())
	require.Empty(t, sent.GetConfirmToken())

	sent, err = commands.SendCommand(t.Context(), &gatewayv1.SendCommandRequest{Device: "devices/truck-1", Kind: "cut-off"})
	require.NoError(t, err)
	require.NotEmpty(t, sent.GetConfirmToken())
	require.Equal(t, gatewayv1.TextState_TEXT_STATE_UNSPECIFIED, sent.GetCommand().GetState())
	require.NotNil(t, sent.GetCommand().GetConfirmExpireTime())
	name := sent.GetCommand().GetName()
	_, err = commands.ConfirmCommand(t.Context(), &gatewayv1.ConfirmCommandRequest{Name: name, ConfirmToken: "guess"})
	require.Equal(t, codes.FailedPrecondition, status.Code(err))
	confirmed, err := commands.ConfirmCommand(t.Context(), &gatewayv1.ConfirmCommandRequest{Name: name, ConfirmToken: sent.GetConfirmToken()})
	require.NoError(t, err)
	require.Equal(t, "night desk (tokens/t1)", confirmed.GetCommand().GetConfirmer())
	require.NotEmpty(t, confirmed.GetCommand().GetText())
	got, err := commands.GetCommand(t.Context(), &gatewayv1.GetCommandRequest{Name: name})
	require.NoError(t, err)
	require.Equal(t, gatewayv1.TextState_TEXT_STATE_QUEUED, got.GetCommand().GetState())
	page, err := commands.ListCommands(t.Context(), &gatewayv1.ListCommandsRequest{Device: "devices/truck-1"})
	require.NoError(t, err)
	require.Len(t, page.GetCommands(), 2)

	_, err = commands.PutCommandTemplate(t.Context(), &gatewayv1.PutCommandTemplateRequest{CommandTemplate: &gatewayv1.CommandTemplate{
		Name: "commandTemplates/coban.photo", Body: "photo{password=123456}", AnswerPattern: "photo", AnswerWithin: durationpb.New(time.Minute),
	}})
	require.NoError(t, err)
	_, err = commands.PutCommandTemplate(t.Context(), &gatewayv1.PutCommandTemplateRequest{CommandTemplate: &gatewayv1.CommandTemplate{Name: "coban", Body: "x"}})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = commands.DeleteCommandTemplate(t.Context(), &gatewayv1.DeleteCommandTemplateRequest{Name: "commandTemplates/coban.photo"})
	require.NoError(t, err)
	_, err = commands.DeleteCommandTemplate(t.Context(), &gatewayv1.DeleteCommandTemplateRequest{Name: "commandTemplates/coban.photo"})
	require.Equal(t, codes.NotFound, status.Code(err))
	for _, r := range []*gatewayv1.SendCommandRequest{
		{Device: "truck-1", Kind: "position"},
		{Device: "devices/bare", Kind: "position"},
		{Device: "devices/nosuch", Kind: "position"},
		{Device: "devices/truck-1", Kind: "dance"},
		{Device: "devices/truck-1", Kind: "interval"},
	} {
		_, err := commands.SendCommand(t.Context(), r)
		require.Equal(t, codes.InvalidArgument, status.Code(err), r)
	}
}
