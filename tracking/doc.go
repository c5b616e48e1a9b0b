// Package tracking is the domain of motion: what a [Fix] is, which [Device] made
// it, which [Vehicle] it moves, and what follows from it (a [Transition]).
//
// It is pure except for time, which callers pass in. Its storage is in
// tracking/postgres, its gRPC face in tracking/rpc; both implement the interfaces
// that stand here, beside the code that needs them.
package tracking
