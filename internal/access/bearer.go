package access

import (
	"context"
)

// Bearer sends a secret with every call that a process makes to another
// (credentials.PerRPCCredentials).
type Bearer struct {
	Secret string
	// Plain allows the secret on a connection without TLS: between processes of
	// one machine or one private network.
	Plain bool
}

// GetRequestMetadata gives the header.
func (b Bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + b.Secret}, nil
}

// RequireTransportSecurity says whether TLS is a must.
func (b Bearer) RequireTransportSecurity() bool { return !b.Plain }
