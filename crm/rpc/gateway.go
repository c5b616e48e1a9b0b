package rpc

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/crm"
	"waybill/crm/text"
	"waybill/internal/access"
	crmv1 "waybill/proto/waybill/crm/v1"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
	"waybill/tracking"
)

// deliveryPatience bounds how long a list waits for what the gateway says to it.
const deliveryPatience = 2 * time.Second

// Gateway sends texts by the gateway's TextService. It is a [text.Gateway].
type Gateway struct {
	texts gatewayv1.TextServiceServer
}

// NewGateway makes a gateway of the server itself, in the same process.
func NewGateway(texts gatewayv1.TextServiceServer) *Gateway { return &Gateway{texts: texts} }

// NewRemoteGateway makes a gateway of one in another process.
func NewRemoteGateway(conn grpc.ClientConnInterface) *Gateway {
	return &Gateway{texts: remoteTexts{client: gatewayv1.NewTextServiceClient(conn)}}
}

// Send implements [text.Gateway].
func (g *Gateway) Send(ctx context.Context, t text.Outgoing) (name string, err error) {
	priority := gatewayv1.TextPriority_TEXT_PRIORITY_NOTICE
	if t.Reply {
		priority = gatewayv1.TextPriority_TEXT_PRIORITY_REPLY
	}
	r, err := g.texts.SendText(asPeer(ctx), &gatewayv1.SendTextRequest{
		RequestId: t.RequestID, To: t.To, Body: t.Body, Priority: priority, ExpireTime: timestamppb.New(t.Expire),
	})
	switch grpcstatus.Code(err) {
	case codes.OK:
		return r.GetText().GetName(), nil
	case codes.InvalidArgument, codes.AlreadyExists:
		return "", fmt.Errorf("%w: %w", text.ErrRefused, err)
	default:
		return "", fmt.Errorf("ask the gateway to send a text: %w", err)
	}
}

// Cancel implements [text.Gateway].
func (g *Gateway) Cancel(ctx context.Context, name string) error {
	_, err := g.texts.CancelText(asPeer(ctx), &gatewayv1.CancelTextRequest{Name: name})
	switch grpcstatus.Code(err) {
	case codes.OK:
		return nil
	case codes.FailedPrecondition, codes.NotFound, codes.InvalidArgument:
		return fmt.Errorf("%w: %w", text.ErrTooLate, err)
	default:
		return fmt.Errorf("ask the gateway to take a text back: %w", err)
	}
}

// Parts is how many messages the text takes. The error is [crm.ErrInvalid] for one that
// can't be sent.
func (g *Gateway) Parts(ctx context.Context, body string) (int32, error) {
	r, err := g.texts.EstimateText(asPeer(ctx), &gatewayv1.EstimateTextRequest{Body: body})
	switch grpcstatus.Code(err) {
	case codes.OK:
		return r.GetCost().GetParts(), nil
	case codes.InvalidArgument:
		// The gateway names the field, too, and it is the same.
		return 0, crm.Invalid("body", strings.TrimPrefix(grpcstatus.Convert(err).Message(), "body: "))
	default:
		return 0, fmt.Errorf("ask the gateway what a text costs: %w: %w", tracking.ErrUnavailable, err)
	}
}

// deliveries fills in how far the gateway is with what went out. A list without is still
// a good answer, so a failure is logged only.
func (g *Gateway) deliveries(ctx context.Context, logger *slog.Logger, list []*crmv1.Interaction) {
	ctx, cancel := context.WithTimeout(asPeer(ctx), deliveryPatience)
	defer cancel()
	for _, i := range list {
		if i.GetText() == "" {
			continue
		}
		r, err := g.texts.GetText(ctx, &gatewayv1.GetTextRequest{Name: i.GetText()})
		if grpcstatus.Code(err) == codes.NotFound {
			continue // The gateway has forgotten it.
		}
		if err != nil {
			logger.WarnContext(ctx, "the gateway doesn't say how far it is with texts", "error", err)
			return
		}
		i.Delivery = strings.ToLower(strings.TrimPrefix(r.GetText().GetState().String(), "TEXT_STATE_"))
	}
}

// asPeer is a context in which this process calls, where the call crosses no wire.
func asPeer(ctx context.Context) context.Context {
	return access.WithCaller(ctx, access.Caller{Role: access.Peer, DisplayName: "crm"})
}

// remoteTexts are the calls of a client, as a server has them.
type remoteTexts struct {
	gatewayv1.UnimplementedTextServiceServer
	client gatewayv1.TextServiceClient
}

func (r remoteTexts) SendText(ctx context.Context, q *gatewayv1.SendTextRequest) (*gatewayv1.SendTextResponse, error) {
	return r.client.SendText(ctx, q) //nolint:wrapcheck // it stands for the server
}

func (r remoteTexts) GetText(ctx context.Context, q *gatewayv1.GetTextRequest) (*gatewayv1.GetTextResponse, error) {
	return r.client.GetText(ctx, q) //nolint:wrapcheck // as above
}

func (r remoteTexts) CancelText(ctx context.Context, q *gatewayv1.CancelTextRequest) (*gatewayv1.CancelTextResponse, error) {
	return r.client.CancelText(ctx, q) //nolint:wrapcheck // as above
}

func (r remoteTexts) EstimateText(ctx context.Context, q *gatewayv1.EstimateTextRequest) (*gatewayv1.EstimateTextResponse, error) {
	return r.client.EstimateText(ctx, q) //nolint:wrapcheck // as above
}
