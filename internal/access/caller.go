// Package access says who a caller is and what a caller may call: bearer tokens
// with roles, stored as hashes, and one table of every method to its roles.
package access

import (
	"context"
	"fmt"
	"slices"
)

// Role is what the bearer of a token may do.
type Role string

// The roles.
const (
	// Admin may do everything.
	Admin Role = "admin"
	// Dispatcher runs the fleet.
	Dispatcher Role = "dispatcher"
	// Analyst reads everything and changes nothing.
	Analyst Role = "analyst"
	// Service is the staff that serves customers.
	Service Role = "service"
	// Customer sees its own orders.
	Customer Role = "customer"
	// Device sends its own fixes.
	Device Role = "device"
	// Peer is another Waybill process.
	Peer Role = "peer"
)

// Roles lists them all.
func Roles() []Role {
	return []Role{Admin, Dispatcher, Analyst, Service, Customer, Device, Peer}
}

// ParseRole reads a role as people write it.
func ParseRole(s string) (Role, error) {
	if r := Role(s); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", fmt.Errorf("%q is not a role; use one of %v", s, Roles())
}

// Caller is who made a call.
type Caller struct {
	Role Role
	// Token is the id of the token; empty for one that was not needed.
	Token string
	// DisplayName is what people call the token; it may be empty.
	DisplayName string
	// Customer is the resource name of the customer that a Customer is.
	Customer string
	// Device is the resource name of the device that a Device is.
	Device string
}

type callerKey struct{}

// WithCaller returns a context in which c is the caller.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// FromContext returns the caller. Without one it is a caller of no role, who may
// see nothing.
func FromContext(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

// Sees says whether the caller may see what belongs to the customer: staff sees
// all, a customer only its own.
func (c Caller) Sees(customer string) bool {
	switch c.Role {
	case Admin, Dispatcher, Analyst, Service, Peer:
		return true
	case Customer:
		return c.Customer != "" && c.Customer == customer
	case Device:
		return false
	default:
		return false
	}
}
