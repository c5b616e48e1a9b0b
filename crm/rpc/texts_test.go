package rpc_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"waybill/crm/crmtest"
	"waybill/crm/text"
	"waybill/internal/rpcerr"
	crmv1 "waybill/proto/waybill/crm/v1"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

// outbox is a gateway that takes texts and sends none.
type outbox struct {
	gatewayv1.UnimplementedTextServiceServer

	mu    sync.Mutex
	sent  []*gatewayv1.SendTextRequest
	fails codes.Code
}

func (o *outbox) SendText(_ context.Context, q *gatewayv1.SendTextRequest) (*gatewayv1.SendTextResponse, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fails != codes.OK {
		return nil, rpcerr.New(o.fails, "TEST", "as the test wants it")
	}
	o.sent = append(o.sent, q)
	return &gatewayv1.SendTextResponse{Text: &gatewayv1.Text{Name: "texts/" + q.GetRequestId()}}, nil
}

func (o *outbox) GetText(context.Context, *gatewayv1.GetTextRequest) (*gatewayv1.GetTextResponse, error) {
	return &gatewayv1.GetTextResponse{Text: &gatewayv1.Text{State: gatewayv1.TextState_TEXT_STATE_DELIVERED}}, nil
}

func (o *outbox) CancelText(context.Context, *gatewayv1.CancelTextRequest) (*gatewayv1.CancelTextResponse, error) {
	return nil, rpcerr.New(codes.FailedPrecondition, "TEXT_HANDED_OVER", "it is on its way")
}

func (o *outbox) EstimateText(_ context.Context, q *gatewayv1.EstimateTextRequest) (*gatewayv1.EstimateTextResponse, error) {
	if strings.Contains(q.GetBody(), "unwritable") {
		return nil, rpcerr.Invalid(rpcerr.Field("body", "write something else"))
	}
	return &gatewayv1.EstimateTextResponse{Cost: &gatewayv1.TextCost{Parts: 2}}, nil
}

func TestTextsWithACustomer(t *testing.T) {
	t.Parallel()
	f := serve(t)
	f.take(t, "SO-1", crmtest.Acme, crmtest.AcmeSite)
	staff := as(t, "")
	_, err := f.customers.CreateContact(staff, &crmv1.CreateContactRequest{
		Parent: crmtest.Acme, ContactId: "buyer", Contact: &crmv1.Contact{DisplayName: "Buyer", Phone: "139 1111 1111"},
	})
	require.NoError(t, err)
	made, err := f.links.CreateTrackingLink(staff, &crmv1.CreateTrackingLinkRequest{Parent: "orders/SO-1"})
	require.NoError(t, err)
	code := made.GetTrackingLink().GetCode()
	require.Regexp(t, `^[0-9A-Z]{4}-[0-9A-Z]{4}$`, code)

	receive := func(id, body string) bool {
		r, err := f.texts.ReceiveText(staff, &crmv1.ReceiveTextRequest{TextId: id, From: "13911111111", SendTime: made.GetTrackingLink().GetCreateTime(), Body: body})
		require.NoError(t, err)
		return r.GetTaken()
	}
	require.True(t, receive("1", "TRACK "+code))
	require.True(t, receive("1", "TRACK "+code))
	contact := crmtest.Acme + "/contacts/buyer"
	told, err := f.texts.SendCustomerText(staff, &crmv1.SendCustomerTextRequest{Name: contact, Body: "We come at nine.", ValidateOnly: true})
	require.NoError(t, err)
	require.Nil(t, told.GetInteraction())
	require.Equal(t, int32(2), told.GetParts())
	request := &crmv1.SendCustomerTextRequest{Name: contact, Body: "We come at nine.", RequestId: "0f0e7a52-6ad8-4a8d-8b1e-3f3f0a4bb1d6"}
	sent, err := f.texts.SendCustomerText(staff, request)
	require.NoError(t, err)
	again, err := f.texts.SendCustomerText(staff, request)
	require.NoError(t, err)
	require.Equal(t, sent.GetInteraction().GetName(), again.GetInteraction().GetName())
	f.carry(t)
	require.Len(t, f.outbox.sent, 2)
	require.Equal(t, gatewayv1.TextPriority_TEXT_PRIORITY_REPLY, f.outbox.sent[0].GetPriority())
	require.Equal(t, gatewayv1.TextPriority_TEXT_PRIORITY_NOTICE, f.outbox.sent[1].GetPriority())

	var all []*crmv1.Interaction
	for token := ""; ; {
		page, err := f.interactions.ListInteractions(staff, &crmv1.ListInteractionsRequest{Parent: crmtest.Acme, PageSize: 1, PageToken: token})
		require.NoError(t, err)
		all = append(all, page.GetInteractions()...)
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	require.Len(t, all, 3)
	require.Equal(t, "admin", all[0].GetAuthor())
	require.Equal(t, "delivered", all[0].GetDelivery())
	require.Equal(t, contact, all[0].GetContact())
	require.Contains(t, all[1].GetBody(), "SO-1")
	require.Equal(t, all[2].GetName(), all[1].GetReplyTo())
	require.Equal(t, "answered", all[2].GetOutcome())
	strangers, err := f.interactions.ListInteractions(staff, &crmv1.ListInteractionsRequest{Parent: "customers/-", Number: "13911111111"})
	require.NoError(t, err)
	require.Len(t, strangers.GetInteractions(), 3)

	// What the gateway can't take now goes later.
	f.outbox.fails = codes.Unavailable
	require.True(t, receive("2", "help"))
	require.Error(t, f.carrier.Drain(t.Context()))

	require.True(t, receive("3", "退订"))
	out, err := f.texts.GetOptOut(staff, &crmv1.GetOptOutRequest{Name: "optOuts/8613911111111"})
	require.NoError(t, err)
	require.True(t, out.GetOptOut().GetOptedOut())
	_, err = f.texts.SendCustomerText(staff, &crmv1.SendCustomerTextRequest{Name: contact, Body: "Sorry."})
	require.Equal(t, codes.FailedPrecondition, status.Code(err))
	require.ErrorContains(t, err, "START")
	again, err = f.texts.SendCustomerText(staff, request)
	require.NoError(t, err, "what was sent stays sent")
	require.Equal(t, sent.GetInteraction().GetName(), again.GetInteraction().GetName())
	set, err := f.texts.SetOptOut(staff, &crmv1.SetOptOutRequest{Name: "optOuts/8613911111111"})
	require.NoError(t, err)
	require.Equal(t, "admin", set.GetOptOut().GetSetBy())
	list, err := f.texts.ListOptOuts(staff, &crmv1.ListOptOutsRequest{})
	require.NoError(t, err)
	require.Empty(t, list.GetOptOuts())
}

func TestWrongTexts(t *testing.T) {
	t.Parallel()
	f := serve(t)
	staff := as(t, "")
	for name, c := range map[string]struct {
		call func() error
		code codes.Code
	}{
		"nobody": {func() error {
			_, err := f.texts.SendCustomerText(staff, &crmv1.SendCustomerTextRequest{Name: "customers/none", Body: "x"})
			return err
		}, codes.NotFound},
		"another's request": {func() error {
			const id = "1f0e7a52-6ad8-4a8d-8b1e-3f3f0a4bb1d6"
			for _, body := range []string{"one", "another"} {
				if _, err := f.texts.SendCustomerText(staff, &crmv1.SendCustomerTextRequest{Name: crmtest.Acme, Body: body, RequestId: id}); err != nil {
					return err
				}
			}
			return nil
		}, codes.InvalidArgument},
		"nothing": {func() error {
			_, err := f.texts.SendCustomerText(staff, &crmv1.SendCustomerTextRequest{Name: crmtest.Acme})
			return err
		}, codes.InvalidArgument},
		"unwritable": {func() error {
			_, err := f.texts.SendCustomerText(staff, &crmv1.SendCustomerTextRequest{Name: crmtest.Acme, Body: "unwritable"})
			require.ErrorContains(t, err, "desc = body: write something else", "the field is named once")
			return err
		}, codes.InvalidArgument},
		"too long": {func() error {
			_, err := f.texts.SendCustomerText(staff, &crmv1.SendCustomerTextRequest{Name: crmtest.Acme, Body: strings.Repeat("货", 1000)})
			return err
		}, codes.InvalidArgument},
		"no number": {func() error {
			_, err := f.texts.SetOptOut(staff, &crmv1.SetOptOutRequest{Name: "optOuts/me"})
			return err
		}, codes.InvalidArgument},
		"unsaid": {func() error {
			_, err := f.texts.GetOptOut(staff, &crmv1.GetOptOutRequest{Name: "optOuts/8613911111111"})
			return err
		}, codes.NotFound},
		"no id": {func() error {
			_, err := f.texts.ReceiveText(staff, &crmv1.ReceiveTextRequest{From: "x"})
			return err
		}, codes.InvalidArgument},
		"of no customer": {func() error {
			_, err := f.interactions.ListInteractions(staff, &crmv1.ListInteractionsRequest{Parent: "customers/none"})
			return err
		}, codes.NotFound},
		"of a number of a customer": {func() error {
			_, err := f.interactions.ListInteractions(staff, &crmv1.ListInteractionsRequest{Parent: crmtest.Acme, Number: "13911111111"})
			return err
		}, codes.InvalidArgument},
		"of another's": {func() error {
			_, err := f.interactions.ListInteractions(as(t, crmtest.Rival), &crmv1.ListInteractionsRequest{Parent: crmtest.Acme})
			return err
		}, codes.NotFound},
	} {
		require.Equal(t, c.code, status.Code(c.call()), name)
	}
}

// The gateway is told everything that a text is.
func TestGatewayTranslates(t *testing.T) {
	t.Parallel()
	f := serve(t)
	expire := time.Now().Add(time.Hour).UTC().Truncate(time.Microsecond)
	name, err := f.gateway.Send(t.Context(), text.Outgoing{RequestID: "r", To: "+8613911111111", Body: "x", Reply: true, Expire: expire})
	require.NoError(t, err)
	require.Equal(t, "texts/r", name)
	require.Equal(t, expire, f.outbox.sent[0].GetExpireTime().AsTime())
	require.ErrorIs(t, f.gateway.Cancel(t.Context(), name), text.ErrTooLate)
	f.outbox.fails = codes.InvalidArgument
	_, err = f.gateway.Send(t.Context(), text.Outgoing{})
	require.ErrorIs(t, err, text.ErrRefused)
	f.outbox.fails = codes.ResourceExhausted
	_, err = f.gateway.Send(t.Context(), text.Outgoing{})
	require.Error(t, err)
	require.NotErrorIs(t, err, text.ErrRefused)
}
