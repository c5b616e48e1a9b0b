package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"waybill/gateway"
	gatewaypg "waybill/gateway/postgres"
	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
)

type deviceCommand struct {
	Create     deviceCreateCommand     `cmd:"" help:"Register a device."`
	List       deviceListCommand       `cmd:"" help:"List the devices."`
	Limits     deviceLimitsCommand     `cmd:"" help:"Show or change what is told of a device: speed, temperature, tilt, an open door, silence."`
	Phone      devicePhoneCommand      `cmd:"" help:"Set the number of a device's SIM, by which its texts are known and commands reach it."`
	Model      deviceModelCommand      `cmd:"" help:"Set a device's model, which says how commands to it are written."`
	Command    deviceCommandCommand    `cmd:"" help:"Send a command to a device by SMS: position, interval, restart, cut-off, restore."`
	Confirm    deviceConfirmCommand    `cmd:"" help:"Confirm a command that can do harm, so that it is sent."`
	Commands   deviceCommandsCommand   `cmd:"" help:"List commands, the newest first, with the units' answers."`
	Templates  deviceTemplatesCommand  `cmd:"" help:"List how commands are written, by model."`
	Credential deviceCredentialCommand `cmd:"" help:"Issue a new password for a device; the old one ends."`
	Rejected   deviceRejectedCommand   `cmd:"" help:"List input that was rejected, the newest first, with why and what to do."`
	Replay     deviceReplayCommand     `cmd:"" help:"Run rejected input through the gateway again, after its cause is mended."`
}

type deviceCreateCommand struct {
	ID       string `arg:"" help:"Its id, which is its MQTT username too: lower case letters, digits and hyphens."`
	Name     string `env:"-" help:"What people call it." placeholder:"NAME"`
	Phone    string `env:"-" help:"Number of its SIM, when it reports by SMS." placeholder:"NUMBER"`
	IMEI     string `env:"-" help:"The 15 digits of its modem." placeholder:"IMEI" name:"imei"`
	Model    string `env:"-" help:"Its model, which says how commands to it are written, as in concox (waybill device templates)." placeholder:"MODEL"`
	TimeZone string `env:"-" help:"IANA zone in which it writes local times." default:"UTC" placeholder:"ZONE"`
	Vehicle  string `env:"-" help:"Vehicle to fit it to from now on; it is registered when there is none of that id." placeholder:"ID"`
}

// Run registers the device, and fits it.
func (cmd deviceCreateCommand) Run(g *Globals, c *console, env *environment) error {
	zone, err := time.LoadLocation(cmd.TimeZone)
	if err != nil {
		return usageError{fmt.Sprintf("--time-zone %s is not known; write it as in Asia/Shanghai", cmd.TimeZone)}
	}
	return g.withStore(env.ctx, c.log, func(s *store) error {
		registry := trackingpg.NewRegistry(s.pool, g.Region)
		device, err := registry.CreateDevice(env.ctx, tracking.Device{
			UID: trimName(cmd.ID, "devices/"), DisplayName: cmd.Name, Phone: cmd.Phone, IMEI: cmd.IMEI, Model: cmd.Model, Zone: zone,
		}, "")
		if err != nil {
			return err
		}
		c.printf("devices/%s is registered\n", device.UID)
		if err := noteUnknownModel(env.ctx, c, commandsOf(s, g.Region), device.Model); err != nil {
			return err
		}
		if cmd.Vehicle == "" {
			return nil
		}
		vehicle := tracking.Vehicle{UID: trimName(cmd.Vehicle, "vehicles/")}
		if _, err := registry.CreateVehicle(env.ctx, vehicle, ""); err != nil && !errors.Is(err, tracking.ErrExists) {
			return err
		}
		if err := registry.FitDevice(env.ctx, tracking.Fitting{
			Device: device.UID, Vehicle: vehicle.UID, Primary: true,
			// Many units have clocks of whole seconds or minutes: what one reports now must not seem to be from before.
			From: time.Now().Truncate(time.Minute),
		}); err != nil {
			return err
		}
		c.printf("and fitted to vehicles/%s\n", vehicle.UID)
		return nil
	})
}

type deviceListCommand struct {
	JSON bool `env:"-" help:"Print for a program to read, a device a line." name:"json"`
}

// Run lists all devices.
func (cmd deviceListCommand) Run(g *Globals, c *console, env *environment) error {
	return g.withStore(env.ctx, c.log, func(s *store) error {
		registry := trackingpg.NewRegistry(s.pool, g.Region)
		table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		if !cmd.JSON {
			_, _ = fmt.Fprintln(table, "DEVICE\tNAME\tPHONE\tMODEL\tIMEI\tZONE\tSTATE")
		}
		const page = 500
		for after := ""; ; {
			devices, err := registry.Devices(env.ctx, tracking.Page{After: after, Size: page})
			if err != nil {
				return err
			}
			for i := range devices {
				d := &devices[i]
				state := "accepted"
				if d.Disabled {
					state = "disabled"
				}
				if cmd.JSON {
					if err := json.NewEncoder(c.out).Encode(map[string]string{
						"device": "devices/" + d.UID, "display_name": d.DisplayName, "phone": d.Phone, "imei": d.IMEI,
						"time_zone": zoneName(d.Zone), "state": state, "model": d.Model,
					}); err != nil {
						return err
					}
					continue
				}
				_, _ = fmt.Fprintf(table, "devices/%s\t%s\t%s\t%s\t%s\t%s\t%s\n", d.UID, d.DisplayName, d.Phone, d.Model, d.IMEI, zoneName(d.Zone), state)
			}
			if len(devices) < page {
				return table.Flush()
			}
			after = devices[len(devices)-1].UID
		}
	})
}

func zoneName(zone *time.Location) string {
	if zone == nil {
		return time.UTC.String()
	}
	return zone.String()
}

type deviceCredentialCommand struct {
	ID   string `arg:"" help:"The device's id."`
	JSON bool   `env:"-" help:"Print for a program to read." name:"json"`
}

// Run issues a password and prints it.
func (cmd deviceCredentialCommand) Run(g *Globals, c *console, env *environment) error {
	id := trimName(cmd.ID, "devices/")
	return g.withStore(env.ctx, c.log, func(s *store) error {
		password, err := trackingpg.NewRegistry(s.pool, g.Region).RotateCredential(env.ctx, id)
		if errors.Is(err, tracking.ErrNotFound) {
			return fmt.Errorf("there is no device %s; `waybill device create %s` registers it", id, id)
		}
		if err != nil {
			return err
		}
		if cmd.JSON {
			return json.NewEncoder(c.out).Encode(map[string]string{"username": id, "password": password})
		}
		c.printf("%s\n", password)
		c.log.Info("password issued; it is not shown again", "username", id)
		return nil
	})
}

type deviceRejectedCommand struct {
	Device string `env:"-" help:"Only of this device." placeholder:"ID"`
	Reason string `env:"-" help:"Only with this reason." placeholder:"WORD"`
	Limit  int    `env:"-" help:"How many at most." default:"100"`
	JSON   bool   `env:"-" help:"Print for a program to read, one a line." name:"json"`
}

// Run lists rejected input.
func (cmd deviceRejectedCommand) Run(g *Globals, c *console, env *environment) error {
	return g.withStore(env.ctx, c.log, func(s *store) error {
		list, err := gatewaypg.New(s.pool, gatewaypg.Bounds{}).List(env.ctx,
			trimName(cmd.Device, "devices/"), tracking.Reason(cmd.Reason), gatewaypg.Position{}, cmd.Limit)
		if err != nil {
			return err
		}
		if len(list) == 0 && !cmd.JSON {
			c.printf("Nothing was rejected.\n")
			return nil
		}
		for i := range list {
			if cmd.JSON {
				if err := json.NewEncoder(c.out).Encode(rejectedLine(&list[i])); err != nil {
					return err
				}
				continue
			}
			printRejected(c, &list[i])
		}
		return nil
	})
}

// rejectedLine is rejected input for a program to read.
func rejectedLine(r *gateway.RejectedInput) map[string]any {
	line := map[string]any{
		"name": "rejectedInputs/" + strconv.FormatInt(r.ID, 10), "source": r.Source, "sender": r.Sender, "topic": r.Topic,
		"device": r.Device, "reason": string(r.Reason), "detail": r.Detail, "count": r.Count, "size": r.Size,
		"first_time": r.FirstTime, "last_time": r.LastTime, "payload": r.Payload,
	}
	if r.Whole() && utf8.Valid(r.Payload) {
		line["text"] = string(r.Payload)
	}
	if !r.SentTime.IsZero() {
		line["sent_time"] = r.SentTime
	}
	if !r.ReplayTime.IsZero() {
		line["replay_time"] = r.ReplayTime
	}
	return line
}

func printRejected(c *console, r *gateway.RejectedInput) {
	times := ""
	if r.Count > 1 {
		times = fmt.Sprintf(", %d times since %s", r.Count, r.FirstTime.UTC().Format(time.DateTime))
	}
	c.printf("rejectedInputs/%d  %s UTC%s\n  %s by %s: %s\n  %s\n", r.ID, r.LastTime.UTC().Format(time.DateTime), times,
		r.Sender, r.Source, r.Reason, r.Detail)
	if !r.ReplayTime.IsZero() {
		c.printf("  replayed %s UTC\n", r.ReplayTime.UTC().Format(time.DateTime))
	}
	c.printf("  %s\n", excerpt(r.Payload))
}

// excerpt is the beginning of a payload, fit for a terminal.
func excerpt(payload []byte) string {
	const most = 160
	cut := payload[:min(len(payload), most)]
	shown := strconv.Quote(string(cut))
	if !utf8.Valid(payload) {
		shown = fmt.Sprintf("%x", cut)
	}
	if len(payload) > most {
		shown += " ..."
	}
	return shown
}
