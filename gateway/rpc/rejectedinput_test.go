package rpc_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"waybill/gateway"
	"waybill/gateway/mqtt"
	"waybill/gateway/postgres"
	"waybill/gateway/rpc"
	"waybill/internal/pgtest"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
)

// storing is a sink that has stored whatever it got.
type storing struct{}

func (storing) Deliver(_ context.Context, reports []tracking.Report) ([]tracking.Outcome, error) {
	outcomes := make([]tracking.Outcome, len(reports))
	for i := range outcomes {
		outcomes[i].Kind = tracking.Stored
	}
	return outcomes, nil
}

func serve(t *testing.T) (gatewayv1.RejectedInputServiceClient, *gateway.Intake, *trackingpg.Registry, *postgres.Store) {
	t.Helper()
	pool := pgtest.New(t)
	store, registry, log := postgres.New(pool, postgres.Bounds{}), trackingpg.NewRegistry(pool, "CN"), slog.New(slog.DiscardHandler)
	intake := gateway.NewIntake(storing{}, store, gateway.Settings{}, log, prometheus.NewRegistry())
	replayer := &gateway.Replayer{Intake: intake, Archive: store, Roads: map[string]gateway.Road{mqtt.RoadBroker: mqtt.Road{Directory: registry}}}

	server := grpc.NewServer()
	gatewayv1.RegisterRejectedInputServiceServer(server, rpc.NewRejectedInputServer(store, replayer, log))
	socket, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- server.Serve(socket) }()
	t.Cleanup(func() { server.Stop(); require.NoError(t, <-served) })
	conn, err := grpc.NewClient(socket.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return gatewayv1.NewRejectedInputServiceClient(conn), intake, registry, store
}

func TestListAndReplay(t *testing.T) {
	t.Parallel()
	client, intake, registry, _ := serve(t)
	for i := range 3 {
		topic := fmt.Sprintf("owntracks/truck-%d/x", i)
		require.NoError(t, intake.Accept(t.Context(), mqtt.Road{Directory: registry}, &gateway.Message{
			Road: mqtt.RoadBroker, Sender: fmt.Sprintf("truck-%d", i), Topic: topic, Received: time.Unix(int64(1000+i), 0),
			Payload: []byte(`{"_type":"location","lat":1,"lon":2,"tst":1}`),
		}))
	}
	var names []string
	request := &gatewayv1.ListRejectedInputsRequest{PageSize: 2, Reason: "unknown_device"}
	for {
		page, err := client.ListRejectedInputs(t.Context(), request)
		require.NoError(t, err)
		for _, in := range page.GetRejectedInputs() {
			names = append(names, in.GetName())
			require.Contains(t, in.GetDetail(), "make a device")
			require.Nil(t, in.GetReplayTime())
		}
		if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
			break
		}
	}
	require.Len(t, names, 3)

	_, err := registry.CreateDevice(t.Context(), tracking.Device{UID: "truck-2"}, "")
	require.NoError(t, err)
	response, err := client.ReplayRejectedInput(t.Context(), &gatewayv1.ReplayRejectedInputRequest{Name: names[0]})
	require.NoError(t, err)
	require.EqualValues(t, 1, response.GetStored())
	require.NotNil(t, response.GetRejectedInput().GetReplayTime())

	response, err = client.ReplayRejectedInput(t.Context(), &gatewayv1.ReplayRejectedInputRequest{Name: names[1]})
	require.NoError(t, err)
	require.Zero(t, response.GetStored())
	require.Nil(t, response.GetRejectedInput().GetReplayTime())
}

func TestMistakesOfCallers(t *testing.T) {
	t.Parallel()
	client, _, _, store := serve(t)
	now := time.Now()
	_, err := store.Keep(t.Context(), []gateway.RejectedInput{{
		Source: "mqtt", Sender: "x", Reason: gateway.ReasonWrongPassword, Count: 1, FirstTime: now, LastTime: now,
	}})
	require.NoError(t, err)
	page, err := client.ListRejectedInputs(t.Context(), &gatewayv1.ListRejectedInputsRequest{})
	require.NoError(t, err)

	for name, want := range map[string]codes.Code{
		"":                                    codes.InvalidArgument,
		"rejectedInputs/x":                    codes.InvalidArgument,
		"rejectedInputs/999999":               codes.NotFound,
		page.GetRejectedInputs()[0].GetName(): codes.FailedPrecondition,
	} {
		_, err := client.ReplayRejectedInput(t.Context(), &gatewayv1.ReplayRejectedInputRequest{Name: name})
		require.Equal(t, want, status.Code(err), name)
	}
	_, err = client.ListRejectedInputs(t.Context(), &gatewayv1.ListRejectedInputsRequest{Device: "truck-1"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = client.ListRejectedInputs(t.Context(), &gatewayv1.ListRejectedInputsRequest{PageToken: "?"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}
