// Package order has orders, the shipments that carry them, and what happens to
// those: events in words of EPCIS 2.0 and its Core Business Vocabulary (CBV 2.0).
//
// Who has a shipment, how far it is, and what the customer reads is computed from
// its events by [Replay], which is pure. Departures and arrivals come by themselves:
// [Automatic] computes them from custody and from the visits of the vehicles, and
// [Store] keeps what is stored equal to it.
package order
