package order

import "time"

// Order is what a customer has ordered.
type Order struct {
	// ID is the order number.
	ID string
	// Customer is the customer's id.
	Customer string
	// Reference is the customer's own, such as a purchase order's number.
	Reference string
	// Destination is the id of the customer's site where it goes, or empty.
	Destination string
	Lines       []Line
	Promised    Window
	// Status is over all shipments.
	Status     Status
	CreateTime time.Time
	UpdateTime time.Time
}

// Window is a time from (inclusive) and to (exclusive); both are zero when nothing
// was promised.
type Window struct {
	From, To time.Time
}

// Line is one line of an order.
type Line struct {
	// Number counts from 1.
	Number      int32
	SKU         string
	Description string
	// Quantity is in Unit.
	Quantity float64
	Unit     string
}

// Shipment carries all or part of an order.
type Shipment struct {
	Order string
	ID    string
	// Lines is what it carries; the whole order when empty.
	Lines       []ShipmentLine
	Stage       Stage
	Status      Status
	Disposition string
	CreateTime  time.Time
}

// ShipmentLine says how much of an order line a shipment carries.
type ShipmentLine struct {
	Number   int32
	Quantity float64
}
