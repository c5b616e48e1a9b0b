package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"waybill/gateway/modem/sms"
	"waybill/gateway/outbound"
	gatewaypg "waybill/gateway/postgres"
	"waybill/tracking"
)

// operator is who asks for what is typed on the machine itself.
const operator = "command line"

type textCommand struct {
	Send     textSendCommand     `cmd:"" help:"Queue a text (SMS); the gateway sends it."`
	List     textListCommand     `cmd:"" help:"List texts, the newest first, with what became of them."`
	Show     textShowCommand     `cmd:"" help:"Show one text."`
	Cancel   textCancelCommand   `cmd:"" help:"Take back a text that has not been handed to a modem."`
	Estimate textEstimateCommand `cmd:"" help:"Tell what a text would cost, without sending it."`
}

type textSendCommand struct {
	To        string        `arg:"" help:"Number that it goes to."`
	Text      string        `arg:"" help:"What it says."`
	Priority  string        `env:"-" help:"Who goes first: command, reply, notice." enum:"command,reply,notice" default:"notice"`
	Expire    time.Duration `env:"-" help:"Not to be sent after so long; 15m for a command, 1h for a reply, 24h for a notice when not given." placeholder:"TIME"`
	RequestID string        `env:"-" help:"Makes a repeated command harmless: it finds the text of the first." placeholder:"ID"`
	JSON      bool          `env:"-" help:"Print for a program to read." name:"json"`
}

// Run queues the text.
func (cmd textSendCommand) Run(g *Globals, c *console, env *environment) error {
	return g.withStore(env.ctx, c.log, func(s *store) error {
		desk := &outbound.Desk{Store: gatewaypg.NewOutbound(s.pool), Region: g.Region}
		request := outbound.Request{RequestID: cmd.RequestID, To: cmd.To, Body: cmd.Text, Priority: cmd.priority(), Creator: operator}
		if cmd.Expire != 0 {
			request.ExpireTime = time.Now().Add(cmd.Expire)
		}
		text, err := desk.Send(env.ctx, request)
		if errors.Is(err, outbound.ErrFull) {
			return fmt.Errorf("as many texts of this priority wait as may; see why they are not sent with `waybill modem list`: %w", err)
		}
		if err != nil {
			return err
		}
		if cmd.JSON {
			return json.NewEncoder(c.out).Encode(textLine(text))
		}
		c.printf("texts/%s to %s is %s: %s\n", text.UID, text.To, text.State, costWords(text.Cost))
		return nil
	})
}

func (cmd textSendCommand) priority() outbound.Priority {
	switch cmd.Priority {
	case "command":
		return outbound.Command
	case "reply":
		return outbound.Reply
	}
	return outbound.Notice
}

type textListCommand struct {
	State string `env:"-" help:"Only in this state: queued, sending, sent, delivered, answered, failed, expired, cancelled, unknown." placeholder:"STATE" enum:",queued,sending,sent,delivered,answered,failed,expired,cancelled,unknown" default:""`
	To    string `env:"-" help:"Only to this number." placeholder:"NUMBER"`
	Limit int    `env:"-" help:"How many at most." default:"50"`
	JSON  bool   `env:"-" help:"Print for a program to read, a text a line." name:"json"`
}

// Run lists texts.
func (cmd textListCommand) Run(g *Globals, c *console, env *environment) error {
	filter := outbound.Filter{State: outbound.State(cmd.State), Limit: cmd.Limit}
	if cmd.To != "" {
		number, err := outbound.Number(cmd.To, g.Region)
		if err != nil {
			return err
		}
		filter.To = number
	}
	return g.withStore(env.ctx, c.log, func(s *store) error {
		texts, err := gatewaypg.NewOutbound(s.pool).List(env.ctx, filter)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		if !cmd.JSON {
			_, _ = fmt.Fprintln(table, "TEXT\tQUEUED (UTC)\tTO\tPRIORITY\tSTATE\tPARTS\tSAYS\tWHY")
		}
		for _, t := range texts {
			if cmd.JSON {
				if err := json.NewEncoder(c.out).Encode(textLine(t)); err != nil {
					return err
				}
				continue
			}
			_, _ = fmt.Fprintf(table, "texts/%s\t%s\t%s\t%s\t%s\t%d/%d\t%s\t%s\n", t.UID, t.CreateTime.UTC().Format(time.DateTime), t.To, t.Priority, t.State,
				t.PartsSent, t.Cost.Parts, excerpt([]byte(t.Shown)), t.Detail)
		}
		return table.Flush()
	})
}

type textShowCommand struct {
	ID   string `arg:"" help:"The text."`
	JSON bool   `env:"-" help:"Print for a program to read." name:"json"`
}

// Run shows a text.
func (cmd textShowCommand) Run(g *Globals, c *console, env *environment) error {
	id := trimName(cmd.ID, "texts/")
	return g.withStore(env.ctx, c.log, func(s *store) error {
		text, err := gatewaypg.NewOutbound(s.pool).Get(env.ctx, id)
		if err != nil {
			return noText(id, err)
		}
		return printText(c, text, cmd.JSON)
	})
}

type textCancelCommand struct {
	ID string `arg:"" help:"The text."`
}

// Run takes the text back.
func (cmd textCancelCommand) Run(g *Globals, c *console, env *environment) error {
	id := trimName(cmd.ID, "texts/")
	return g.withStore(env.ctx, c.log, func(s *store) error {
		text, err := gatewaypg.NewOutbound(s.pool).Cancel(env.ctx, id, time.Now())
		if errors.Is(err, outbound.ErrHandedOver) {
			return fmt.Errorf("texts/%s is %s and can't be taken back; send another one if it has to be put right", id, text.State)
		}
		if err != nil {
			return noText(id, err)
		}
		c.printf("texts/%s is cancelled\n", id)
		return nil
	})
}

type textEstimateCommand struct {
	Text string `arg:"" help:"What it would say."`
	JSON bool   `env:"-" help:"Print for a program to read." name:"json"`
}

// Run tells the cost.
func (cmd textEstimateCommand) Run(c *console) error {
	cost, err := outbound.Estimate(cmd.Text)
	if err != nil {
		return err
	}
	if cmd.JSON {
		return json.NewEncoder(c.out).Encode(map[string]any{"encoding": encodingName(cost.Encoding), "characters": cost.Characters, "parts": cost.Parts})
	}
	c.printf("%s\n", costWords(cost))
	return nil
}

func noText(id string, err error) error {
	if errors.Is(err, tracking.ErrNotFound) {
		return fmt.Errorf("there is no text %s; `waybill text list` shows them", id)
	}
	return err
}

func encodingName(e sms.Encoding) string {
	if e == sms.UCS2 {
		return "UCS-2"
	}
	return "GSM 7-bit"
}

func costWords(cost sms.Cost) string {
	messages := "1 message"
	if cost.Parts > 1 {
		messages = fmt.Sprintf("%d messages, each of which is paid", cost.Parts)
	}
	return fmt.Sprintf("%d characters in %s, %s", cost.Characters, encodingName(cost.Encoding), messages)
}

// textLine is a text for a program to read.
func textLine(t outbound.Text) map[string]any {
	line := map[string]any{
		"name": "texts/" + t.UID, "to": t.To, "body": t.Shown, "priority": t.Priority.String(), "state": string(t.State),
		"encoding": encodingName(t.Cost.Encoding), "characters": t.Cost.Characters, "parts": t.Cost.Parts, "parts_sent": t.PartsSent,
		"attempts": t.Attempts, "modem": t.Modem, "code": t.Code, "detail": t.Detail, "creator": t.Creator,
		"create_time": t.CreateTime, "expire_time": t.ExpireTime,
	}
	if t.Command != "" {
		line["command"] = "commands/" + t.Command
	}
	for name, at := range map[string]time.Time{"sent_time": t.SentTime, "delivery_time": t.DeliveryTime, "end_time": t.EndTime} {
		if !at.IsZero() {
			line[name] = at
		}
	}
	return line
}

func printText(c *console, t outbound.Text, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(c.out).Encode(textLine(t))
	}
	c.printf("texts/%s is %s\n  to %s, %s, %s\n  %s\n", t.UID, t.State, t.To, t.Priority, costWords(t.Cost), excerpt([]byte(t.Shown)))
	c.printf("  queued %s UTC by %s, expires %s UTC\n", t.CreateTime.UTC().Format(time.DateTime), t.Creator, t.ExpireTime.UTC().Format(time.DateTime))
	if t.Attempts > 0 {
		c.printf("  handed over %d times, %d of %d parts sent, last by %s\n", t.Attempts, t.PartsSent, t.Cost.Parts, t.Modem)
	}
	for _, when := range []struct {
		what string
		at   time.Time
	}{{"sent", t.SentTime}, {"delivered", t.DeliveryTime}, {"ended", t.EndTime}} {
		if !when.at.IsZero() {
			c.printf("  %s %s UTC\n", when.what, when.at.UTC().Format(time.DateTime))
		}
	}
	if t.Detail != "" {
		c.printf("  %s\n", t.Detail)
	}
	return nil
}
