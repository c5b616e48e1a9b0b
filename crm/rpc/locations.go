package rpc

import (
	"context"
	"log/slog"
	"strings"

	"google.golang.org/grpc"

	"waybill/crm"
	"waybill/crm/location"
	"waybill/crm/order"
	crmv1 "waybill/proto/waybill/crm/v1"
)

// Locations is the server of where orders are.
type Locations struct {
	crmv1.UnimplementedLocationServiceServer
	service *location.Service
	logger  *slog.Logger
}

// NewLocations makes the server.
func NewLocations(service *location.Service, logger *slog.Logger) *Locations {
	return &Locations{service: service, logger: logger}
}

// GetOrderLocation implements the contract.
func (s *Locations) GetOrderLocation(ctx context.Context, r *crmv1.GetOrderLocationRequest) (*crmv1.GetOrderLocationResponse, error) {
	ids, err := parse("order", orderPattern, r.GetOrder())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	found, err := s.service.Get(ctx, ids[0])
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.GetOrderLocationResponse{Location: locationOf(found)}, nil
}

// WatchOrderLocation implements the contract.
func (s *Locations) WatchOrderLocation(r *crmv1.WatchOrderLocationRequest, stream grpc.ServerStreamingServer[crmv1.WatchOrderLocationResponse]) error {
	ctx := stream.Context()
	ids, err := parse("order", orderPattern, r.GetOrder())
	if err != nil {
		return answer(ctx, s.logger, err)
	}
	err = s.service.Watch(ctx, ids[0], func(l location.Location) error {
		return stream.Send(&crmv1.WatchOrderLocationResponse{Location: locationOf(l)})
	})
	return answer(ctx, s.logger, err)
}

// WatchCustomerPositions implements the contract.
func (s *Locations) WatchCustomerPositions(r *crmv1.WatchCustomerPositionsRequest, stream grpc.ServerStreamingServer[crmv1.WatchCustomerPositionsResponse]) error {
	ctx := stream.Context()
	ids, err := parse("customer", customerPattern, r.GetCustomer())
	if err != nil {
		return answer(ctx, s.logger, err)
	}
	err = s.service.WatchCustomer(ctx, ids[0], func(n location.CarriedNews) error {
		return stream.Send(&crmv1.WatchCustomerPositionsResponse{Shipments: each(n.Shipments, carriedOf), Gone: n.Gone, All: n.All})
	})
	return answer(ctx, s.logger, err)
}

func carriedOf(c location.Carried) *crmv1.CarriedShipment {
	out := &crmv1.CarriedShipment{
		Shipment: crm.ShipmentName(c.Order, c.ID), DisplayName: c.DisplayName, Vehicle: c.Vehicle,
		FixTime: stamp(c.AsOf), Speed: known(c.Speed), Course: known(c.Course),
	}
	if c.Point != nil {
		out.Point = pointOf(*c.Point)
	}
	return out
}

func locationOf(l location.Location) *crmv1.OrderLocation {
	out := &crmv1.OrderLocation{
		Order: crm.OrderName(l.Order.ID), Status: statusOf(l.Order.Status), PromisedWindow: windowOf(l.Order.Promised),
	}
	for _, s := range l.Shipments {
		out.Shipments = append(out.Shipments, shipmentLocationOf(l.Order.ID, s))
	}
	return out
}

func shipmentLocationOf(id string, s location.Shipment) *crmv1.ShipmentLocation {
	out := &crmv1.ShipmentLocation{
		Shipment: crm.ShipmentName(id, s.ID), Status: statusOf(s.Status), Stage: stageOf(s.Stage), Disposition: s.Disposition,
		Place: placeOf(s.Place), AsOfTime: stamp(s.AsOf), SinceTime: stamp(s.Since), NextStop: placeOf(s.Next),
		Freshness: crmv1.Freshness(crmv1.Freshness_value["FRESHNESS_"+strings.ToUpper(string(s.Freshness))]),
		Speed:     known(s.Speed), Course: known(s.Course), UnknownReason: s.Unknown,
		Stages: each(s.Stages, func(e order.StageEntry) *crmv1.StageEntry {
			return &crmv1.StageEntry{Stage: stageOf(e.Stage), EnterTime: stamp(e.Time)}
		}),
	}
	if s.Point != nil {
		out.Point = pointOf(*s.Point)
	}
	if s.Nearest != nil {
		out.Nearest = &crmv1.NearestPlace{DisplayName: s.Nearest.DisplayName, Distance: s.Nearest.Distance, Bearing: s.Nearest.Bearing}
	}
	return out
}

func placeOf(p *location.Place) *crmv1.Place {
	if p == nil {
		return nil
	}
	out := &crmv1.Place{Name: p.Name, Kind: string(p.Kind), DisplayName: p.DisplayName, Facility: p.Facility}
	if p.Point != nil {
		out.Point = pointOf(*p.Point)
	}
	return out
}
