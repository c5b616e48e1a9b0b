package rpc

import (
	"context"
	"fmt"
	"log/slog"

	"waybill/crm"
	"waybill/crm/order"
	"waybill/internal/rpcerr"
	"waybill/internal/updatemask"
	crmv1 "waybill/proto/waybill/crm/v1"
)

const orderPattern = "orders/*"

// Orders is the server of orders, shipments and events.
type Orders struct {
	crmv1.UnimplementedOrderServiceServer
	store  *order.Store
	logger *slog.Logger
}

// NewOrders makes the server.
func NewOrders(store *order.Store, logger *slog.Logger) *Orders {
	return &Orders{store: store, logger: logger}
}

// CreateOrder implements the contract.
func (s *Orders) CreateOrder(ctx context.Context, r *crmv1.CreateOrderRequest) (*crmv1.CreateOrderResponse, error) {
	err := checkRequest(r.GetRequestId())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	o, err := orderFrom(r.GetOrder())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	o.ID = r.GetOrderId()
	if err := sees(ctx, o.Customer, crm.CustomerName(o.Customer)); err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	made, err := s.store.Create(ctx, o, each(r.GetShipments(), shipmentFrom), r.GetRequestId())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.CreateOrderResponse{Order: orderOf(made.Order), Shipments: each(made.Shipments, shipmentOf)}, nil
}

// GetOrder implements the contract.
func (s *Orders) GetOrder(ctx context.Context, r *crmv1.GetOrderRequest) (*crmv1.GetOrderResponse, error) {
	o, err := s.order(ctx, "name", r.GetName())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.GetOrderResponse{Order: orderOf(o)}, nil
}

// order reads the order with the resource name, if the caller may see it.
func (s *Orders) order(ctx context.Context, field, name string) (order.Order, error) {
	return visibleOrder(ctx, s.store, field, name)
}

func visibleOrder(ctx context.Context, store *order.Store, field, name string) (order.Order, error) {
	ids, err := parse(field, orderPattern, name)
	if err != nil {
		return order.Order{}, err
	}
	o, err := store.Get(ctx, ids[0])
	if err != nil {
		return order.Order{}, err
	}
	return o, sees(ctx, o.Customer, name)
}

// ListOrders implements the contract.
func (s *Orders) ListOrders(ctx context.Context, r *crmv1.ListOrdersRequest) (*crmv1.ListOrdersResponse, error) {
	filter := order.Filter{Statuses: each(r.GetStatuses(), status)}
	for i, wanted := range r.GetStatuses() {
		if _, known := crmv1.Status_name[int32(wanted)]; !known || wanted == crmv1.Status_STATUS_UNSPECIFIED {
			return nil, rpcerr.Invalid(rpcerr.Field(fmt.Sprintf("statuses[%d]", i), "name a status such as STATUS_IN_TRANSIT, or leave it out for all"))
		}
	}
	only, err := narrow(ctx)
	if err != nil {
		return nil, err
	}
	if r.GetCustomer() != "" {
		ids, err := parse("customer", customerPattern, r.GetCustomer())
		if err != nil {
			return nil, answer(ctx, s.logger, err)
		}
		filter.Customer = ids[0]
	}
	if only != "" {
		if filter.Customer != "" && filter.Customer != only {
			// As of a customer that has ordered nothing.
			return &crmv1.ListOrdersResponse{}, nil
		}
		filter.Customer = only
	}
	page, next, err := s.store.List(ctx, filter, pageSize(r.GetPageSize()), r.GetPageToken())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.ListOrdersResponse{Orders: each(page, orderOf), NextPageToken: next}, nil
}

// UpdateOrder implements the contract.
func (s *Orders) UpdateOrder(ctx context.Context, r *crmv1.UpdateOrderRequest) (*crmv1.UpdateOrderResponse, error) {
	given := r.GetOrder()
	stored, err := s.order(ctx, "order.name", given.GetName())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	mask, err := updatemask.Fields(given, r.GetUpdateMask(), updatemask.Rules{Changeable: []string{"reference", "destination", "promised_window"}, Fixed: []string{"customer", "lines"}})
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	change := order.Order{ID: stored.ID, Reference: given.GetReference()}
	if mask["destination"] {
		if change.Destination, err = destination(stored.Customer, given.GetDestination()); err != nil {
			return nil, answer(ctx, s.logger, err)
		}
	}
	if mask["promised_window"] {
		if change.Promised, err = window(given.GetPromisedWindow()); err != nil {
			return nil, answer(ctx, s.logger, err)
		}
	}
	changed, err := s.store.Update(ctx, change, order.Mask{
		Reference: mask["reference"], Destination: mask["destination"], Promised: mask["promised_window"],
	})
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.UpdateOrderResponse{Order: orderOf(changed)}, nil
}
