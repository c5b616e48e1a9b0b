// Package place knows names of places on the map (a gazetteer, and our own
// facilities), to say in words where something is. Sites of customers are not among
// them: no text names another customer.
package place
