package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	crmv1 "waybill/proto/waybill/crm/v1"
)

type customerCommand struct {
	Interactions customerInteractionsCommand `cmd:"" help:"List what was said with a customer, the newest first."`
	Text         customerTextCommand         `cmd:"" help:"Send a customer or one of its contacts a text."`
	OptOut       customerOptOutCommand       `cmd:"" name:"opt-out" help:"List the numbers that want no messages, or show and set one."`
}

// call runs a command's work on a connection to the server, which has to run the crm role.
func (r remote) call(ctx context.Context, work func(ctx context.Context, conn *grpc.ClientConn) error) error {
	conn, err := r.dial()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := work(ctx, conn); err != nil {
		return r.refused(err, "crm")
	}
	return nil
}

type customerInteractionsCommand struct {
	remote `embed:""`

	Customer string `arg:"" optional:"" help:"The customer's id; everybody's, strangers' among them, without."`
	Number   string `env:"-" help:"Only of this number; without a customer." placeholder:"NUMBER"`
	Limit    int    `env:"-" help:"How many at most." default:"50"`
	JSON     bool   `env:"-" help:"Print for a program to read, one a line." name:"json"`
}

// Run lists the interactions.
func (cmd customerInteractionsCommand) Run(c *console, env *environment) error {
	if strings.HasPrefix(cmd.Customer, "+") {
		return usageError{fmt.Sprintf("%s is a number and no customer's id: give it as --number %[1]s", cmd.Customer)}
	}
	request := &crmv1.ListInteractionsRequest{Parent: "customers/-", Number: cmd.Number}
	if cmd.Customer != "" {
		request.Parent = "customers/" + trimName(cmd.Customer, "customers/")
	}
	return cmd.call(env.ctx, func(ctx context.Context, conn *grpc.ClientConn) error {
		client := crmv1.NewInteractionServiceClient(conn)
		shown := 0
		for left := cmd.Limit; left > 0; {
			request.PageSize = int32(min(left, 500)) // 500 is the longest page.
			page, err := client.ListInteractions(ctx, request)
			if err != nil {
				return err
			}
			for _, i := range page.GetInteractions() {
				if err := printInteraction(c, i, cmd.JSON); err != nil {
					return err
				}
			}
			shown, left = shown+len(page.GetInteractions()), left-len(page.GetInteractions())
			if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
				break
			}
		}
		if shown == 0 && !cmd.JSON {
			c.printf("Nothing was said.\n")
		}
		return nil
	})
}

func printInteraction(c *console, i *crmv1.Interaction, asJSON bool) error {
	if asJSON {
		return printJSON(c, i)
	}
	arrow, who := "<-", i.GetNumber()
	if i.GetDirection() == crmv1.Direction_DIRECTION_OUT {
		arrow = "->"
	}
	if i.GetContact() != "" {
		who += " " + i.GetContact()
	} else if i.GetCustomer() != "" {
		who += " " + i.GetCustomer()
	}
	outcome := i.GetOutcome()
	if i.GetDelivery() != "" {
		outcome = i.GetDelivery()
	}
	if i.GetAuthor() != "" {
		outcome += ", by " + i.GetAuthor()
	}
	c.printf("%s  %s UTC  %s %s (%s)\n  %s\n", i.GetName(), i.GetInteractionTime().AsTime().Format(time.DateTime), arrow, who, outcome,
		strings.ReplaceAll(i.GetBody(), "\n", "\n  "))
	return nil
}

type customerTextCommand struct {
	remote `embed:""`

	To     string `arg:"" help:"Whom: acme, or acme/contacts/buyer."`
	Text   string `arg:"" help:"What it says."`
	DryRun bool   `env:"-" help:"Only tell how many SMS it takes, and whether it could be sent."`
	JSON   bool   `env:"-" help:"Print for a program to read." name:"json"`
}

// Run has the text sent.
func (cmd customerTextCommand) Run(c *console, env *environment) error {
	return cmd.call(env.ctx, func(ctx context.Context, conn *grpc.ClientConn) error {
		r, err := crmv1.NewTextServiceClient(conn).SendCustomerText(ctx, &crmv1.SendCustomerTextRequest{
			Name: "customers/" + trimName(cmd.To, "customers/"), Body: cmd.Text, ValidateOnly: cmd.DryRun,
		})
		if err != nil {
			return err
		}
		switch {
		case cmd.JSON:
			return printJSON(c, r)
		case cmd.DryRun:
			c.printf("It takes %d SMS.\n", r.GetParts())
		default:
			c.printf("%s to %s is queued; it takes %d SMS.\n", r.GetInteraction().GetName(), r.GetInteraction().GetNumber(), r.GetParts())
		}
		return nil
	})
}

type customerOptOutCommand struct {
	remote `embed:""`

	Number string `arg:"" optional:"" help:"The number, with the country's code; all without."`
	Set    string `env:"-" help:"out: it wants no messages; in: it wants them again." enum:",out,in" default:"" placeholder:"out|in"`
	JSON   bool   `env:"-" help:"Print for a program to read, one a line." name:"json"`
}

// Run shows or sets the will of numbers.
func (cmd customerOptOutCommand) Run(c *console, env *environment) error {
	name := "optOuts/" + strings.TrimPrefix(trimName(cmd.Number, "optOuts/"), "+")
	if cmd.Number == "" && cmd.Set != "" {
		return usageError{"--set goes with a number: say whose will it is"}
	}
	return cmd.call(env.ctx, func(ctx context.Context, conn *grpc.ClientConn) error {
		client := crmv1.NewTextServiceClient(conn)
		switch {
		case cmd.Set != "":
			r, err := client.SetOptOut(ctx, &crmv1.SetOptOutRequest{Name: name, OptedOut: cmd.Set == "out"})
			if err != nil {
				return err
			}
			return printOptOut(c, r.GetOptOut(), cmd.JSON)
		case cmd.Number != "":
			r, err := client.GetOptOut(ctx, &crmv1.GetOptOutRequest{Name: name})
			if status.Code(err) == codes.NotFound && !cmd.JSON {
				c.printf("%s has said neither STOP nor START, and gets messages\n", cmd.Number)
				return nil
			}
			if err != nil {
				return err
			}
			return printOptOut(c, r.GetOptOut(), cmd.JSON)
		}
		shown := 0
		for request := (&crmv1.ListOptOutsRequest{PageSize: 500}); ; {
			page, err := client.ListOptOuts(ctx, request)
			if err != nil {
				return err
			}
			for _, o := range page.GetOptOuts() {
				if err := printOptOut(c, o, cmd.JSON); err != nil {
					return err
				}
			}
			shown += len(page.GetOptOuts())
			if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
				break
			}
		}
		if shown == 0 && !cmd.JSON {
			c.printf("No number has said that it wants no messages.\n")
		}
		return nil
	})
}

func printOptOut(c *console, o *crmv1.OptOut, asJSON bool) error {
	if asJSON {
		return printJSON(c, o)
	}
	will := "wants messages"
	if o.GetOptedOut() {
		will = "wants no messages"
	}
	c.printf("%s %s since %s UTC, set by %s\n", o.GetNumber(), will, o.GetSetTime().AsTime().Format(time.DateTime), o.GetSetBy())
	return nil
}

// printJSON prints a message of the API in one line.
func printJSON(c *console, m proto.Message) error {
	raw, err := protojson.Marshal(m)
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	// protojson puts spaces in at random; encoding/json takes them out.
	return json.NewEncoder(c.out).Encode(json.RawMessage(raw))
}
