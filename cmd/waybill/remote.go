package main

import (
	"errors"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"waybill/internal/access"
)

// remote says how to reach a running server, for commands that ask one.
type remote struct {
	Server string `env:"WAYBILL_SERVER" help:"Where the server's gRPC is; in several processes, that of the role that knows: tracking for tracks, crm for customers." default:"127.0.0.1:9090" placeholder:"HOST:PORT"`
	Token  string `env:"WAYBILL_TOKEN" help:"Token to call it with (waybill token create)." placeholder:"TOKEN"`
	CA     string `env:"-" help:"Certificates (PEM) by which the server is trusted; it is spoken to in the clear without." name:"ca" type:"path" placeholder:"FILE"`
}

// dial returns a connection to the server, which is made when it is used.
func (r remote) dial() (*grpc.ClientConn, error) {
	if r.Token == "" {
		return nil, usageError{"the server asks who calls: give a --token or set WAYBILL_TOKEN; `waybill token create --role dispatcher` issues one"}
	}
	transport := insecure.NewCredentials()
	if r.CA != "" {
		config, err := trust(r.CA)
		if err != nil {
			return nil, err
		}
		transport = credentials.NewTLS(config)
	}
	conn, err := grpc.NewClient(r.Server, grpc.WithTransportCredentials(transport),
		grpc.WithPerRPCCredentials(access.Bearer{Secret: r.Token, Plain: r.CA == ""}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(largestAnswer)))
	if err != nil {
		return nil, usageError{fmt.Sprintf("--server %s is no address; write it as in 127.0.0.1:9090: %v", r.Server, err)}
	}
	return conn, nil
}

// refused says what to do about the answer of a server that should run the role. Errors of other origin stay as they are.
func (r remote) refused(err error, role string) error {
	answer, ok := status.FromError(err)
	if !ok {
		return err
	}
	switch answer.Code() {
	case codes.Unavailable:
		// What a server says of itself has details; who isn't there gives none.
		if len(answer.Details()) > 0 {
			return errors.New(answer.Message())
		}
		return fmt.Errorf("no server answers at %s; start it, or say where it is with --server: %w", r.Server, err)
	case codes.Unimplemented:
		return fmt.Errorf("the process at %s does not run the %s role; name one that does with --server", r.Server, role)
	case codes.Unauthenticated:
		return errors.New("the server doesn't know the token; issue one with `waybill token create --role dispatcher` and give it as --token")
	default:
		return errors.New(answer.Message())
	}
}
