package rpc

import (
	"context"
	"log/slog"
	"time"

	"waybill/crm"
	"waybill/crm/interaction"
	"waybill/crm/optout"
	"waybill/crm/text"
	"waybill/internal/access"
	crmv1 "waybill/proto/waybill/crm/v1"
)

// Texts is the server of texts with people.
type Texts struct {
	crmv1.UnimplementedTextServiceServer
	TextParts
}

// TextParts are what texts are served with. All are needed.
type TextParts struct {
	Desk    *text.Desk
	Post    *text.Post
	OptOuts *optout.Store
	Gateway *Gateway
	Logger  *slog.Logger
}

// NewTexts makes the server.
func NewTexts(parts TextParts) *Texts { return &Texts{TextParts: parts} }

// ReceiveText implements the contract.
func (s *Texts) ReceiveText(ctx context.Context, r *crmv1.ReceiveTextRequest) (*crmv1.ReceiveTextResponse, error) {
	sent, err := moment("send_time", r.GetSendTime())
	if err == nil && r.GetTextId() == "" {
		err = crm.Invalid("text_id", "say by what the text is told from every other")
	}
	if err != nil {
		return nil, answer(ctx, s.Logger, err)
	}
	taken, err := s.Desk.Receive(ctx, text.Text{ID: r.GetTextId(), From: r.GetFrom(), Time: sent, Body: r.GetBody()})
	if err != nil {
		return nil, answer(ctx, s.Logger, err)
	}
	return &crmv1.ReceiveTextResponse{Taken: taken}, nil
}

// SendCustomerText implements the contract.
func (s *Texts) SendCustomerText(ctx context.Context, r *crmv1.SendCustomerTextRequest) (*crmv1.SendCustomerTextResponse, error) {
	message := text.Message{Body: r.GetBody(), RequestID: r.GetRequestId(), Author: author(ctx)}
	if ids, ok := crm.ParseName(contactPattern, r.GetName()); ok {
		message.Customer, message.Contact = ids[0], ids[1]
	} else if ids, err := parse("name", customerPattern, r.GetName()); err == nil {
		message.Customer = ids[0]
	} else {
		return nil, answer(ctx, s.Logger, err)
	}
	if r.GetValidateOnly() {
		if _, err := s.Post.Check(ctx, message); err != nil {
			return nil, answer(ctx, s.Logger, err)
		}
	}
	// First, so that a text that can't be written is never queued.
	cost, err := s.Gateway.Parts(ctx, message.Body)
	if err != nil {
		return nil, answer(ctx, s.Logger, err)
	}
	response := &crmv1.SendCustomerTextResponse{Parts: cost}
	if r.GetValidateOnly() {
		return response, nil
	}
	sent, err := s.Post.Send(ctx, message)
	if err != nil {
		return nil, answer(ctx, s.Logger, err)
	}
	response.Interaction = interactionOf(sent)
	return response, nil
}

// author is who calls, as people call the token.
func author(ctx context.Context) string {
	caller := access.FromContext(ctx)
	if caller.DisplayName != "" {
		return caller.DisplayName
	}
	if caller.Token != "" {
		return "token " + caller.Token
	}
	return string(caller.Role)
}

// GetOptOut implements the contract.
func (s *Texts) GetOptOut(ctx context.Context, r *crmv1.GetOptOutRequest) (*crmv1.GetOptOutResponse, error) {
	number, err := s.OptOuts.Number(r.GetName())
	if err != nil {
		return nil, answer(ctx, s.Logger, err)
	}
	found, err := s.OptOuts.Get(ctx, number)
	if err != nil {
		return nil, answer(ctx, s.Logger, err)
	}
	return &crmv1.GetOptOutResponse{OptOut: optOutOf(found)}, nil
}

// ListOptOuts implements the contract.
func (s *Texts) ListOptOuts(ctx context.Context, r *crmv1.ListOptOutsRequest) (*crmv1.ListOptOutsResponse, error) {
	page, next, err := s.OptOuts.List(ctx, pageSize(r.GetPageSize()), r.GetPageToken())
	if err != nil {
		return nil, answer(ctx, s.Logger, err)
	}
	return &crmv1.ListOptOutsResponse{OptOuts: each(page, optOutOf), NextPageToken: next}, nil
}

// SetOptOut implements the contract.
func (s *Texts) SetOptOut(ctx context.Context, r *crmv1.SetOptOutRequest) (*crmv1.SetOptOutResponse, error) {
	number, err := s.OptOuts.Number(r.GetName())
	if err != nil {
		return nil, answer(ctx, s.Logger, err)
	}
	set, err := s.OptOuts.Put(ctx, number, r.GetOptedOut(), author(ctx), time.Now())
	if err != nil {
		return nil, answer(ctx, s.Logger, err)
	}
	return &crmv1.SetOptOutResponse{OptOut: optOutOf(set)}, nil
}

func optOutOf(o optout.OptOut) *crmv1.OptOut {
	return &crmv1.OptOut{Name: o.Name(), Number: o.Number, OptedOut: o.OptedOut, SetTime: stamp(o.SetTime), SetBy: o.SetBy}
}

func interactionOf(i interaction.Interaction) *crmv1.Interaction {
	wire := &crmv1.Interaction{
		Name: i.Name(), Channel: string(i.Channel), Direction: crmv1.Direction_DIRECTION_IN, InteractionTime: stamp(i.Time),
		Number: i.Number, Body: i.Body, Topic: string(i.Topic), Outcome: string(i.Outcome), Text: i.TextName, Author: i.Author,
	}
	if i.Direction == interaction.Out {
		wire.Direction = crmv1.Direction_DIRECTION_OUT
	}
	if i.Customer != "" {
		wire.Customer = crm.CustomerName(i.Customer)
		if i.Contact != "" {
			wire.Contact = crm.ContactName(i.Customer, i.Contact)
		}
	}
	if i.ReplyTo != 0 {
		wire.ReplyTo = interaction.Interaction{ID: i.ReplyTo}.Name()
	}
	return wire
}
