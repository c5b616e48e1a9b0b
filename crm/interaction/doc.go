// Package interaction keeps what was said between us and people: every contact with a
// customer, texts so far.
//
// An interaction belongs to the customer whose number it was when it happened. Where
// the number was nobody's then, or more than one customer's, it belongs to whoever has
// the number when it is asked for: so what a stranger wrote appears with the customer
// once the number is added to a contact, and what is known to be of one customer does
// not follow the number to another.
package interaction
