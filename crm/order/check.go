package order

import (
	"fmt"
	"math"

	"waybill/crm"
)

const (
	maxLines     = 1000
	maxShipments = 100
	maxText      = 500
	maxQuantity  = 1e12
)

// check completes a new order and its shipments (numbers of lines, ids) and says
// what is wrong with them.
func check(o Order, shipments []Shipment) (Order, []Shipment, error) {
	var c crm.Checks
	c.That(o.ID == "" || crm.ValidOrderID(o.ID), "order_id",
		"use up to 63 letters, digits, '-', '_' and '.', beginning with a letter or digit, or leave it empty to have one made up")
	c.That(crm.ValidID(o.Customer), "order.customer", "say who ordered it: customers/{customer}")
	c.That(len(o.Reference) <= maxText, "order.reference", "use at most 500 bytes")
	checkWindow(&c, o.Promised)
	o.Lines = checkLines(&c, o.Lines)
	c.That(len(shipments) <= maxShipments, "shipments", fmt.Sprintf("use at most %d", maxShipments))
	if len(shipments) == 0 {
		shipments = []Shipment{{}}
	}
	carried := make(map[int32]float64)
	seen := make(map[string]bool)
	for i := range shipments {
		s := &shipments[i]
		field := fmt.Sprintf("shipments[%d]", i)
		if s.ID == "" {
			s.ID = fmt.Sprint(i + 1)
		}
		c.That(crm.ValidID(s.ID), field+".name", crm.IDHelp)
		c.That(!seen[s.ID], field+".name", "another shipment of the order has this id; choose another")
		seen[s.ID] = true
		checkCarried(&c, field, o.Lines, s.Lines, carried)
	}
	return o, shipments, c.Err()
}

func checkWindow(c *crm.Checks, w Window) {
	if w == (Window{}) {
		return
	}
	c.That(!w.From.IsZero() && !w.To.IsZero() && w.From.Before(w.To), "order.promised_window",
		"give start_time and an end_time after it, or leave both empty")
}

func checkLines(c *crm.Checks, lines []Line) []Line {
	c.That(len(lines) <= maxLines, "order.lines", fmt.Sprintf("use at most %d", maxLines))
	seen := make(map[int32]bool, len(lines))
	for i := range lines {
		l := &lines[i]
		field := fmt.Sprintf("order.lines[%d]", i)
		if l.Number == 0 {
			l.Number = int32(i + 1)
		}
		c.That(l.Number > 0 && !seen[l.Number], field+".number", "count from 1 and use each number once, or leave all empty")
		seen[l.Number] = true
		c.That(isQuantity(l.Quantity), field+".quantity", "say how many, more than 0")
		c.That(l.SKU != "" || l.Description != "", field+".sku", "say what it is: by sku, description, or both")
		c.That(len(l.SKU) <= maxText && len(l.Description) <= maxText && len(l.Unit) <= maxText, field, "use at most 500 bytes a text")
	}
	return lines
}

// checkCarried notes what is wrong with the lines of one shipment; carried has how
// much of each order line the shipments before take.
func checkCarried(c *crm.Checks, field string, lines []Line, carries []ShipmentLine, carried map[int32]float64) {
	ordered := make(map[int32]float64, len(lines))
	for _, l := range lines {
		ordered[l.Number] = l.Quantity
	}
	seen := make(map[int32]bool, len(carries))
	for i, l := range carries {
		at := fmt.Sprintf("%s.lines[%d]", field, i)
		have, known := ordered[l.Number]
		c.That(known && !seen[l.Number], at+".line_number", "give the number of an order line, each once")
		seen[l.Number] = true
		c.That(isQuantity(l.Quantity), at+".quantity", "say how many, more than 0")
		carried[l.Number] += l.Quantity
		// A part in a million is for sums of fractions.
		c.That(!known || carried[l.Number] <= have*(1+1e-6), at+".quantity",
			fmt.Sprintf("line %d orders %g in all; lower it, or raise the order's line", l.Number, have))
	}
}

func isQuantity(q float64) bool { return q > 0 && q <= maxQuantity && !math.IsNaN(q) }
