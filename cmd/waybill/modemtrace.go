package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

type modemTraceCommand struct {
	Modem string `arg:"" help:"The modem's name, as waybill modem list has it."`
	JSON  bool   `env:"-" help:"Print for a program to read, a line of the trace a line." name:"json"`

	remote `embed:""`
}

// Help says what is shown.
func (modemTraceCommand) Help() string {
	return `It runs until it is interrupted, and disturbs nothing: the modem goes on with its work.
PINs are never shown. With a token of another role than admin, texts are shown by their
length alone and numbers as asterisks.

  waybill modem trace usb-HUAWEI_Mobile-if00-port0 --token TOKEN`
}

// Run shows the trace until the context ends.
func (cmd modemTraceCommand) Run(c *console, env *environment) error {
	conn, err := cmd.dial()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	stream, err := gatewayv1.NewModemServiceClient(conn).TraceModem(env.ctx, &gatewayv1.TraceModemRequest{Name: "modems/" + trimName(cmd.Modem, "modems/")})
	if err != nil {
		return cmd.explain(err, "modem "+cmd.Modem)
	}
	// A refusal has no header.
	if header, err := stream.Header(); err == nil && header != nil {
		c.log.Info("tracing; end it with Ctrl-C", "modem", cmd.Modem)
	}
	for {
		passed, err := stream.Recv()
		if err != nil {
			return cmd.ended(env.ctx, err)
		}
		if cmd.JSON {
			line, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(passed)
			if err != nil {
				return err
			}
			c.printf("%s\n", line)
			continue
		}
		if n := passed.GetDropped(); n > 0 {
			c.printf("... %d lines were left out: this terminal is too slow\n", n)
		}
		arrow := "<"
		if passed.GetDirection() == gatewayv1.Direction_DIRECTION_SENT {
			arrow = ">"
		}
		c.printf("%s %s %s\n", passed.GetTime().AsTime().Format("15:04:05.000"), arrow, passed.GetText())
	}
}

// ended says why a trace has ended.
func (cmd modemTraceCommand) ended(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, io.EOF):
		return errors.New("the gateway stops")
	}
	return cmd.explain(err, "modem "+cmd.Modem)
}

// explain says what to do about a gateway's refusal.
func (r remote) explain(err error, what string) error {
	if status.Code(err) == codes.NotFound {
		return fmt.Errorf("there is no %s; `waybill modem list` shows what there is", what)
	}
	return r.refused(err, "gateway")
}
