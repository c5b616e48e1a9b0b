// Package custody takes the transitions of vehicles out of tracking's outbox and lets
// the shipments on board follow them, exactly once: what follows is written, and the
// transitions are deleted, in one transaction.
//
// Run as many consumers as you like, in one process or in many: a vehicle's
// transitions are taken in order and by one at a time.
package custody
