package order

import "waybill/crm"

// stageAfter is the stage that the event brings the shipment to.
func (r *replay) stageAfter(e Event) Stage {
	if r.returned {
		return Returned
	}
	switch e.BizStep {
	case Commissioning:
		return Production
	case Storing, Receiving:
		return Warehouse
	case Accepting:
		return Delivered
	case Installing:
		return Installed
	case Inspecting, Picking, Packing, Unloading:
		return r.stageAt(crm.KindOf(r.state.Holder))
	default:
		if crm.VehicleOf(r.state.Holder) != "" {
			return Transit
		}
		return r.state.Stage
	}
}

// stageAt is the stage of a shipment that is handled at a place of the kind.
func (r *replay) stageAt(kind crm.PlaceKind) Stage {
	switch kind {
	case crm.Station:
		return Production
	case crm.StorageLocation:
		return Warehouse
	case crm.Facility:
		// A factory's yard is no warehouse: what is being made stays so.
		if r.state.Stage == Production {
			return Production
		}
		return Warehouse
	case crm.Vehicle:
		return Transit
	case crm.Site:
		// Unloaded is not yet accepted.
		if r.state.Stage == "" {
			return Transit
		}
	}
	return r.state.Stage
}

// status is what the customer reads in the present state.
func (r *replay) status() Status {
	s := &r.state
	switch s.Disposition {
	case Damaged, NonConformant, MismatchQuantity, MismatchInstance:
		return StatusException
	}
	switch s.Stage {
	case Returned:
		return StatusException
	case Delivered, Installed:
		return StatusDelivered
	case Transit:
		switch {
		case s.Arrived, crm.KindOf(s.Holder) == crm.Site:
			// At the customer's, and not handed over yet. Before there are runs, nobody
			// can say earlier which leg is the last.
			return StatusOutForDelivery
		case s.Departed:
			return StatusInTransit
		}
	case Production, Warehouse:
		if s.Disposition == Available {
			return StatusAvailableForPickup
		}
	}
	return StatusInfoReceived
}
