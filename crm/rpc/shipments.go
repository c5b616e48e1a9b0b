package rpc

import (
	"context"
	"slices"

	"waybill/crm"
	"waybill/crm/order"
	"waybill/internal/access"
	crmv1 "waybill/proto/waybill/crm/v1"
)

const shipmentPattern = "orders/*/shipments/*"

// CreateShipment implements the contract.
func (s *Orders) CreateShipment(ctx context.Context, r *crmv1.CreateShipmentRequest) (*crmv1.CreateShipmentResponse, error) {
	parent, err := s.order(ctx, "parent", r.GetParent())
	if err == nil {
		err = checkRequest(r.GetRequestId())
	}
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	shipment := shipmentFrom(r.GetShipment())
	shipment.Order, shipment.ID = parent.ID, r.GetShipmentId()
	added, err := s.store.AddShipment(ctx, shipment, r.GetRequestId())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.CreateShipmentResponse{Shipment: shipmentOf(added)}, nil
}

// ListShipments implements the contract.
func (s *Orders) ListShipments(ctx context.Context, r *crmv1.ListShipmentsRequest) (*crmv1.ListShipmentsResponse, error) {
	parent, err := s.order(ctx, "parent", r.GetParent())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	page, next, err := s.store.Shipments(ctx, parent.ID, pageSize(r.GetPageSize()), r.GetPageToken())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.ListShipmentsResponse{Shipments: each(page, shipmentOf), NextPageToken: next}, nil
}

// RecordEvent implements the contract.
func (s *Orders) RecordEvent(ctx context.Context, r *crmv1.RecordEventRequest) (*crmv1.RecordEventResponse, error) {
	e, err := s.eventFrom(ctx, r)
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	stored, err := s.store.Record(ctx, e, r.GetRequestId())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	return &crmv1.RecordEventResponse{Event: eventOf(stored)}, nil
}

func (s *Orders) eventFrom(ctx context.Context, r *crmv1.RecordEventRequest) (order.Event, error) {
	ids, err := s.shipment(ctx, "shipment", r.GetShipment())
	if err != nil {
		return order.Event{}, err
	}
	if err := checkRequest(r.GetRequestId()); err != nil {
		return order.Event{}, err
	}
	given := r.GetEvent()
	e := order.Event{
		Order: ids[0], Shipment: ids[1], BizStep: given.GetBizStep(), Disposition: given.GetDisposition(),
		ReadPoint: given.GetReadPoint(), Note: given.GetNote(),
	}
	if given.GetVehicle() != "" {
		vehicle, err := parse("event.vehicle", crm.VehiclePattern, given.GetVehicle())
		if err != nil {
			return e, err
		}
		e.Vehicle = vehicle[0]
	}
	e.Time, err = moment("event.event_time", given.GetEventTime())
	return e, err
}

// shipment takes the name of a shipment apart, if the caller may see its order.
func (s *Orders) shipment(ctx context.Context, field, name string) ([]string, error) {
	ids, err := parse(field, shipmentPattern, name)
	if err != nil {
		return nil, err
	}
	o, err := s.store.Get(ctx, ids[0])
	if err != nil {
		return nil, err
	}
	return ids, sees(ctx, o.Customer, crm.OrderName(o.ID))
}

// ListEvents implements the contract. Customers learn what happened and when, by the
// words; which vehicle or station it was is for staff.
func (s *Orders) ListEvents(ctx context.Context, r *crmv1.ListEventsRequest) (*crmv1.ListEventsResponse, error) {
	ids, err := s.shipment(ctx, "parent", r.GetParent())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	page, next, err := s.store.Events(ctx, ids[0], ids[1], r.GetShowCorrected(), pageSize(r.GetPageSize()), r.GetPageToken())
	if err != nil {
		return nil, answer(ctx, s.logger, err)
	}
	if len(page) == 0 {
		if err := s.exists(ctx, ids); err != nil {
			return nil, answer(ctx, s.logger, err)
		}
	}
	events := each(page, eventOf)
	if access.FromContext(ctx).Role == access.Customer {
		for _, e := range events {
			e.Vehicle, e.Note = "", ""
			if crm.KindOf(e.GetReadPoint()) != crm.Site {
				e.ReadPoint = ""
			}
		}
	}
	return &crmv1.ListEventsResponse{Events: events, NextPageToken: next}, nil
}

// exists is nil when the order has the shipment: one to which nothing has happened is
// not one that there isn't.
func (s *Orders) exists(ctx context.Context, ids []string) error {
	tracked, err := s.store.Track(ctx, ids[0])
	if err != nil {
		return err
	}
	if slices.ContainsFunc(tracked.Shipments, func(sh order.TrackedShipment) bool { return sh.Shipment.ID == ids[1] }) {
		return nil
	}
	return crm.NotFound(crm.ShipmentName(ids[0], ids[1]))
}
