// Package location answers where an order is: for each shipment the stage, the place
// that has it, the point, as of when and how far that can be trusted, and what is
// next. It says plainly when nobody knows.
//
// A vehicle's position shows only while the goods are on it: custody has to cover
// the fix time. Who asks is in the context (package access); an order of another
// customer is answered like one that there isn't.
package location
