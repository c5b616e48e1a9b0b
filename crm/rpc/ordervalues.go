package rpc

import (
	"path"

	"waybill/crm"
	"waybill/crm/order"
	crmv1 "waybill/proto/waybill/crm/v1"
)

func orderFrom(given *crmv1.Order) (order.Order, error) {
	ids, ok := crm.ParseName(customerPattern, given.GetCustomer())
	if !ok {
		return order.Order{}, crm.Invalid("order.customer", "say who ordered it: customers/{customer}")
	}
	o := order.Order{Customer: ids[0], Reference: given.GetReference()}
	var err error
	if o.Destination, err = destination(o.Customer, given.GetDestination()); err != nil {
		return o, err
	}
	for _, l := range given.GetLines() {
		o.Lines = append(o.Lines, order.Line{
			Number: l.GetNumber(), SKU: l.GetSku(), Description: l.GetDescription(), Quantity: l.GetQuantity(), Unit: l.GetUnit(),
		})
	}
	o.Promised, err = window(given.GetPromisedWindow())
	return o, err
}

// destination is the id of the site with the resource name, which has to be the
// customer's; empty stays empty.
func destination(customer, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	ids, ok := crm.ParseName(crm.SitePattern, name)
	if !ok || ids[0] != customer {
		return "", crm.Invalid("order.destination", "give a site of the order's customer: "+crm.CustomerName(customer)+"/sites/{site}")
	}
	return ids[1], nil
}

func orderOf(o order.Order) *crmv1.Order {
	out := &crmv1.Order{
		Name: crm.OrderName(o.ID), Customer: crm.CustomerName(o.Customer), Reference: o.Reference,
		PromisedWindow: windowOf(o.Promised), Status: statusOf(o.Status),
		CreateTime: stamp(o.CreateTime), UpdateTime: stamp(o.UpdateTime),
	}
	if o.Destination != "" {
		out.Destination = crm.SiteName(o.Customer, o.Destination)
	}
	for _, l := range o.Lines {
		out.Lines = append(out.Lines, &crmv1.OrderLine{
			Number: l.Number, Sku: l.SKU, Description: l.Description, Quantity: l.Quantity, Unit: l.Unit,
		})
	}
	return out
}

// shipmentFrom takes the id from the last segment of the name.
func shipmentFrom(given *crmv1.Shipment) order.Shipment {
	var s order.Shipment
	if given.GetName() != "" {
		s.ID = path.Base(given.GetName())
	}
	for _, l := range given.GetLines() {
		s.Lines = append(s.Lines, order.ShipmentLine{Number: l.GetLineNumber(), Quantity: l.GetQuantity()})
	}
	return s
}

func shipmentOf(s order.Shipment) *crmv1.Shipment {
	out := &crmv1.Shipment{
		Name: crm.ShipmentName(s.Order, s.ID), Status: statusOf(s.Status), Stage: stageOf(s.Stage), CreateTime: stamp(s.CreateTime),
	}
	for _, l := range s.Lines {
		out.Lines = append(out.Lines, &crmv1.ShipmentLine{LineNumber: l.Number, Quantity: l.Quantity})
	}
	return out
}

func eventOf(e order.Event) *crmv1.Event {
	out := &crmv1.Event{
		Name: e.Name(), BizStep: e.BizStep, Disposition: e.Disposition, EventTime: stamp(e.Time), RecordTime: stamp(e.Recorded),
		ReadPoint: e.ReadPoint, Automatic: e.Automatic, CorrectionReason: e.Correction, CorrectionTime: stamp(e.CorrectionTime),
		Note: e.Note,
	}
	if e.Vehicle != "" {
		out.Vehicle = crm.VehicleName(e.Vehicle)
	}
	return out
}
