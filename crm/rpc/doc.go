// Package rpc has the gRPC servers of the crm area. They translate between contracts
// and domain, keep customers to what is theirs, and turn errors into those of the
// API; everything else is in the packages that they call.
package rpc
