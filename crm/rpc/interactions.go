package rpc

import (
	"context"
	"log/slog"

	"waybill/crm"
	"waybill/crm/interaction"
	"waybill/crm/phone"
	crmv1 "waybill/proto/waybill/crm/v1"
)

// anybody is the parent of interactions of everybody, strangers among them.
const anybody = "customers/-"

// Interactions is the server of contacts with customers.
type Interactions struct {
	crmv1.UnimplementedInteractionServiceServer
	store   *interaction.Store
	gateway *Gateway
	region  phone.Region
	logger  *slog.Logger
}

// NewInteractions makes the server. The gateway says how far it is with what went out.
func NewInteractions(store *interaction.Store, gateway *Gateway, region phone.Region, logger *slog.Logger) *Interactions {
	return &Interactions{store: store, gateway: gateway, region: region, logger: logger}
}

// ListInteractions implements the contract.
func (s *Interactions) ListInteractions(ctx context.Context, r *crmv1.ListInteractionsRequest) (*crmv1.ListInteractionsResponse, error) {
	page, next, err := s.page(ctx, r)
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	response := &crmv1.ListInteractionsResponse{Interactions: each(page, interactionOf), NextPageToken: next}
	s.gateway.deliveries(ctx, s.logger, response.GetInteractions())
	return response, nil
}

func (s *Interactions) page(ctx context.Context, r *crmv1.ListInteractionsRequest) ([]interaction.Interaction, string, error) {
	size := pageSize(r.GetPageSize())
	if r.GetParent() == anybody {
		number, err := s.region.Normalize(r.GetNumber())
		if err != nil {
			return nil, "", crm.Invalid("number", err.Error())
		}
		return s.store.All(ctx, number, size, r.GetPageToken())
	}
	ids, err := parse("parent", customerPattern, r.GetParent())
	if err != nil {
		return nil, "", err
	}
	if r.GetNumber() != "" {
		return nil, "", crm.Invalid("number", "it goes with customers/- alone; leave it empty for a customer")
	}
	if err := sees(ctx, ids[0], r.GetParent()); err != nil {
		return nil, "", err
	}
	return s.store.Of(ctx, ids[0], size, r.GetPageToken())
}
