package crmhttp

import (
	"context"
	"fmt"

	"google.golang.org/grpc"

	"waybill/crm"
	"waybill/crm/link"
	"waybill/internal/access"
	crmv1 "waybill/proto/waybill/crm/v1"
)

// Servers answers for the holder of a link by the gRPC servers of this process,
// called as the order's customer: what a customer may not see, no link shows.
type Servers struct {
	OrderServer    crmv1.OrderServiceServer
	LocationServer crmv1.LocationServiceServer
}

// Order returns the order with its lines.
func (s Servers) Order(ctx context.Context, target link.Target) (*crmv1.Order, error) {
	response, err := s.OrderServer.GetOrder(asCustomer(ctx, target), &crmv1.GetOrderRequest{Name: crm.OrderName(target.Order)})
	if err != nil {
		return nil, fmt.Errorf("get the order of a link: %w", err)
	}
	return response.GetOrder(), nil
}

// Location returns where it is now.
func (s Servers) Location(ctx context.Context, target link.Target) (*crmv1.OrderLocation, error) {
	response, err := s.LocationServer.GetOrderLocation(asCustomer(ctx, target),
		&crmv1.GetOrderLocationRequest{Order: crm.OrderName(target.Order)})
	if err != nil {
		return nil, fmt.Errorf("locate the order of a link: %w", err)
	}
	return response.GetLocation(), nil
}

// Watch sends where it is, now and whenever that changes.
func (s Servers) Watch(ctx context.Context, target link.Target, send func(*crmv1.OrderLocation) error) error {
	err := s.LocationServer.WatchOrderLocation(&crmv1.WatchOrderLocationRequest{Order: crm.OrderName(target.Order)},
		&localStream{ctx: asCustomer(ctx, target), send: send})
	if err != nil {
		return fmt.Errorf("watch the order of a link: %w", err)
	}
	return nil
}

func asCustomer(ctx context.Context, target link.Target) context.Context {
	return access.WithCaller(ctx, access.Caller{Role: access.Customer, Customer: crm.CustomerName(target.Customer)})
}

// localStream is a stream of a call that crosses no wire.
type localStream struct {
	grpc.ServerStream                 // Nothing else is asked of a stream in this process.
	ctx               context.Context //nolint:containedctx // grpc.ServerStream hands its context out by a method.
	send              func(*crmv1.OrderLocation) error
}

// Context returns the caller's context.
func (s *localStream) Context() context.Context { return s.ctx }

// Send hands the location over.
func (s *localStream) Send(response *crmv1.WatchOrderLocationResponse) error {
	return s.send(response.GetLocation())
}
