package order

// Stage is how far a shipment is; empty before anything happened.
type Stage string

// The stages.
const (
	Production Stage = "production"
	Warehouse  Stage = "warehouse"
	Transit    Stage = "transit"
	Delivered  Stage = "delivered"
	Installed  Stage = "installed"
	Returned   Stage = "returned"
)

// Status is what the customer reads.
type Status string

// The statuses. AttemptFail and Expired are for couriers that tell us so: no event
// of ours leads there yet.
const (
	StatusPending            Status = "pending"
	StatusInfoReceived       Status = "info_received"
	StatusInTransit          Status = "in_transit"
	StatusOutForDelivery     Status = "out_for_delivery"
	StatusAttemptFail        Status = "attempt_fail"
	StatusDelivered          Status = "delivered"
	StatusAvailableForPickup Status = "available_for_pickup"
	StatusException          Status = "exception"
	StatusExpired            Status = "expired"
)

// Combine is the status of an order whose shipments have these: what needs
// attention comes first, then what is nearest to the customer, and delivered only
// when all are.
func Combine(statuses []Status) Status {
	for _, s := range []Status{
		StatusException, StatusAttemptFail, StatusExpired, StatusOutForDelivery,
		StatusAvailableForPickup, StatusInTransit, StatusInfoReceived,
	} {
		for _, have := range statuses {
			if have == s {
				return s
			}
		}
	}
	delivered := 0
	for _, have := range statuses {
		if have == StatusDelivered {
			delivered++
		}
	}
	switch {
	case delivered == 0:
		return StatusPending
	case delivered == len(statuses):
		return StatusDelivered
	default:
		// Part is there, and of the rest nothing has happened yet.
		return StatusInfoReceived
	}
}
