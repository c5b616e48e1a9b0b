package main

import (
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

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
		return nil, usageError{"the server asks who calls: give a --token or set WAYBILL_TOKEN; `waybill token create --role analyst` issues one"}
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
