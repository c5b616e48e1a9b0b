// Package rpc is the gRPC face of tracking: servers over the interfaces of package
// tracking, and a [Client] by which another process uses the same interfaces.
//
// Between gateway and tracking reports travel on one bidirectional stream, each with
// a sequence number and an answer. A stream that breaks leaves the reports without an
// answer undecided; the gateway's source sends them again, and what was stored
// already is answered as a duplicate.
package rpc
