package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"waybill/gateway/outbound/command"
	gatewaypg "waybill/gateway/postgres"
	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
)

const noTemplates = "No command is written for the model %s; `waybill device templates` shows the models, and an admin adds others by the API (commandTemplates).\n"

type deviceModelCommand struct {
	ID    string `arg:"" help:"The device."`
	Model string `arg:"" help:"Its model, as in concox; waybill device templates lists those that commands can be written for."`
}

// Run sets the model.
func (cmd deviceModelCommand) Run(g *Globals, c *console, env *environment) error {
	return g.withStore(env.ctx, c.log, func(s *store) error {
		device, err := g.updateDevice(env.ctx, s, tracking.Device{UID: trimName(cmd.ID, "devices/"), Model: cmd.Model}, tracking.DeviceMask{Model: true})
		if err != nil {
			return err
		}
		c.printf("devices/%s is of the model %s\n", device.UID, device.Model)
		return noteUnknownModel(env.ctx, c, commandsOf(s, g.Region), device.Model)
	})
}

// updateDevice changes what the mask names of a device.
func (g *Globals) updateDevice(ctx context.Context, s *store, device tracking.Device, mask tracking.DeviceMask) (tracking.Device, error) {
	updated, err := trackingpg.NewRegistry(s.pool, g.Region).UpdateDevice(ctx, device, mask)
	if errors.Is(err, tracking.ErrNotFound) {
		return updated, fmt.Errorf("there is no device %s; `waybill device list` shows them", device.UID)
	}
	return updated, err
}

// noteUnknownModel says so when no command is written for the model: it may be a slip of the pen, and it may be one that
// this installation has yet to learn.
func noteUnknownModel(ctx context.Context, c *console, s *command.Service, model string) error {
	if model == "" {
		return nil
	}
	all, err := s.Templates(ctx, model)
	if err == nil && len(all) == 0 {
		c.printf(noTemplates, model)
	}
	return err
}

type devicePhoneCommand struct {
	ID    string `arg:"" help:"The device."`
	Phone string `arg:"" help:"The number, with + and the country code; '' for none."`
}

// Run sets the number.
func (cmd devicePhoneCommand) Run(g *Globals, c *console, env *environment) error {
	return g.withStore(env.ctx, c.log, func(s *store) error {
		device, err := g.updateDevice(env.ctx, s, tracking.Device{UID: trimName(cmd.ID, "devices/"), Phone: cmd.Phone}, tracking.DeviceMask{Phone: true})
		if err != nil {
			return err
		}
		c.printf("devices/%s has the number %s\n", device.UID, cmp.Or(device.Phone, "of no SIM"))
		return nil
	})
}

type deviceCommandCommand struct {
	ID        string            `arg:"" help:"The device, which has a model and a phone number."`
	Kind      string            `arg:"" help:"What it is to do: position, interval, restart, cut-off, restore, or another of its templates."`
	Parameter map[string]string `env:"-" short:"p" help:"A parameter of the template, as in interval=60 or password=4711." placeholder:"NAME=VALUE"`
	RequestID string            `env:"-" help:"Makes a repeated call harmless: it finds the command of the first." placeholder:"ID"`
	JSON      bool              `env:"-" help:"Print for a program to read." name:"json"`
}

// Help says what comes after.
func (deviceCommandCommand) Help() string {
	return `The command is queued and sent by the gateway, before all other texts. The unit's
answer is kept with it: waybill device commands ID shows it.

What can do harm (cut-off, restore) is not sent before it is confirmed, with the token
that is printed, within two minutes: waybill device confirm COMMAND TOKEN.`
}

// Run gives the command.
func (cmd deviceCommandCommand) Run(g *Globals, c *console, env *environment) error {
	return g.withCommands(c, env, func(s *command.Service) error {
		given, token, err := s.Send(env.ctx, command.Request{
			RequestID: cmd.RequestID, Device: trimName(cmd.ID, "devices/"), Kind: cmd.Kind, Parameters: cmd.Parameter, Creator: operator,
		})
		if err != nil {
			return err
		}
		if cmd.JSON {
			line := commandLineOf(given)
			if token != "" {
				line["confirm_token"] = token
			}
			return json.NewEncoder(c.out).Encode(line)
		}
		switch {
		case token != "":
			c.printf("commands/%s (%s to devices/%s) is not sent yet. Confirm it by %s UTC:\n  waybill device confirm %s %s\n",
				given.UID, given.Shown, given.Device, given.ConfirmUntil.UTC().Format(time.TimeOnly), given.UID, token)
		case given.Text.UID == "":
			c.printf("commands/%s was given before, and waits to be confirmed with the token that was printed then\n", given.UID)
		default:
			c.printf("commands/%s (%s to devices/%s) is %s\n", given.UID, given.Shown, given.Device, given.Text.State)
		}
		return nil
	})
}

type deviceConfirmCommand struct {
	Command string `arg:"" help:"The command."`
	Token   string `arg:"" help:"The token that was printed when it was given."`
}

// Run confirms the command.
func (cmd deviceConfirmCommand) Run(g *Globals, c *console, env *environment) error {
	id := trimName(cmd.Command, "commands/")
	return g.withCommands(c, env, func(s *command.Service) error {
		confirmed, err := s.Confirm(env.ctx, id, cmd.Token, operator)
		switch {
		case errors.Is(err, tracking.ErrNotFound):
			return fmt.Errorf("there is no command %s; `waybill device commands` shows them", id)
		case errors.Is(err, command.ErrToken):
			return fmt.Errorf("the token is not that of commands/%s; give the one that was printed with it", id)
		case errors.Is(err, command.ErrLate):
			return fmt.Errorf("the time to confirm commands/%s is over; give the command anew if it is still wanted", id)
		case errors.Is(err, command.ErrNothingToConfirm):
			return fmt.Errorf("commands/%s needs no confirmation and was queued at once", id)
		case err != nil:
			return err
		}
		c.printf("commands/%s is confirmed and %s\n", confirmed.UID, confirmed.Text.State)
		return nil
	})
}

type deviceCommandsCommand struct {
	ID    string `arg:"" optional:"" help:"Only to this device."`
	Limit int    `env:"-" help:"How many at most." default:"50"`
	JSON  bool   `env:"-" help:"Print for a program to read, a command a line." name:"json"`
}

// Run lists commands.
func (cmd deviceCommandsCommand) Run(g *Globals, c *console, env *environment) error {
	return g.withCommands(c, env, func(s *command.Service) error {
		all, err := s.Store.Commands(env.ctx, trimName(cmd.ID, "devices/"), 0, cmd.Limit)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		if !cmd.JSON {
			_, _ = fmt.Fprintln(table, "COMMAND\tGIVEN (UTC)\tBY\tDEVICE\tKIND\tSTATE\tANSWER\tWHY")
		}
		for _, one := range all {
			if cmd.JSON {
				if err := json.NewEncoder(c.out).Encode(commandLineOf(one)); err != nil {
					return err
				}
				continue
			}
			answer := ""
			if one.Answer != "" {
				answer = excerpt([]byte(one.Answer))
			}
			_, _ = fmt.Fprintf(table, "commands/%s\t%s\t%s\tdevices/%s\t%s\t%s\t%s\t%s\n", one.UID, one.CreateTime.UTC().Format(time.DateTime), one.Creator,
				one.Device, one.Kind, commandState(one, time.Now()), answer, one.Text.Detail)
		}
		return table.Flush()
	})
}

type deviceTemplatesCommand struct {
	Model string `arg:"" optional:"" help:"Only of this model."`
	JSON  bool   `env:"-" help:"Print for a program to read, a template a line." name:"json"`
}

// Run lists templates.
func (cmd deviceTemplatesCommand) Run(g *Globals, c *console, env *environment) error {
	return g.withCommands(c, env, func(s *command.Service) error {
		all, err := s.Templates(env.ctx, cmd.Model)
		if err != nil {
			return err
		}
		if len(all) == 0 && !cmd.JSON {
			c.printf(noTemplates, cmd.Model)
			return nil
		}
		table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		if !cmd.JSON {
			_, _ = fmt.Fprintln(table, "MODEL\tKIND\tSENDS\tCONFIRMED\tFROM")
		}
		for _, t := range all {
			from, confirmed := "this installation", "no"
			if t.BuiltIn {
				from = "the program"
			}
			if t.Confirm {
				confirmed = "yes"
			}
			if cmd.JSON {
				if err := json.NewEncoder(c.out).Encode(map[string]any{
					"model": t.Model, "kind": t.Kind, "display_name": t.DisplayName, "body": t.Body, "answer_pattern": t.AnswerPattern,
					"answer_position": t.AnswerPosition, "answer_within": t.AnswerWithin.String(), "confirm": t.Confirm, "built_in": t.BuiltIn,
				}); err != nil {
					return err
				}
				continue
			}
			_, _ = fmt.Fprintf(table, "%s\t%s\t%q\t%s\t%s\n", t.Model, t.Kind, t.Body, confirmed, from)
		}
		return table.Flush()
	})
}

// withCommands runs a command's work on the commands of a database that is there.
func (g *Globals) withCommands(c *console, env *environment, work func(*command.Service) error) error {
	return g.withStore(env.ctx, c.log, func(s *store) error {
		return work(commandsOf(s, g.Region))
	})
}

func commandsOf(s *store, region string) *command.Service {
	return &command.Service{Store: gatewaypg.NewCommands(s.pool), Devices: trackingpg.NewRegistry(s.pool, region)}
}

func commandState(c command.Command, now time.Time) string {
	switch {
	case c.Text.UID != "":
		return string(c.Text.State)
	case c.Lapsed(now):
		return "not confirmed"
	}
	return "to be confirmed"
}

// commandLineOf is a command for a program to read.
func commandLineOf(c command.Command) map[string]any {
	line := map[string]any{
		"name": "commands/" + c.UID, "device": "devices/" + c.Device, "kind": c.Kind, "model": c.Model, "body": c.Shown,
		"state": commandState(c, time.Now()), "detail": c.Text.Detail, "creator": c.Creator, "create_time": c.CreateTime, "answer": c.Answer,
	}
	if c.Text.UID != "" {
		line["text"] = "texts/" + c.Text.UID
	}
	if c.Confirmer != "" {
		line["confirmer"], line["confirm_time"] = c.Confirmer, c.ConfirmTime
	}
	return line
}
