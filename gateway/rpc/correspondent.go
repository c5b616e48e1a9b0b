package rpc

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"waybill/gateway"
	crmv1 "waybill/proto/waybill/crm/v1"
)

// Correspondent hands the texts of people to crm in another process.
type Correspondent struct {
	texts crmv1.TextServiceClient
}

// NewCorrespondent makes one. The connection stays the caller's.
func NewCorrespondent(conn grpc.ClientConnInterface) *Correspondent {
	return &Correspondent{texts: crmv1.NewTextServiceClient(conn)}
}

// answerWithin bounds how long crm may take: other texts wait behind this one.
const answerWithin = 30 * time.Second

// ReceiveText implements [gateway.Correspondent].
func (c *Correspondent) ReceiveText(ctx context.Context, text gateway.Text) (taken bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	r, err := c.texts.ReceiveText(ctx, &crmv1.ReceiveTextRequest{
		TextId: text.ID, From: text.Sender, SendTime: timestamppb.New(text.Time), Body: string(text.Body),
	})
	if status.Code(err) == codes.InvalidArgument {
		return false, nil // However often it came, crm could not take it.
	}
	return r.GetTaken(), err //nolint:wrapcheck // whoever calls says what for
}
