package main

import (
	"context"
	"errors"
	"fmt"

	"waybill/gateway/pattern"
	"waybill/tracking"
)

type modemLearnCommand struct {
	Expression string `arg:"" optional:"" help:"Regular expression (RE2) with named groups: (?P<latitude>...), (?P<longitude>...), (?P<time>...)."`

	Try    string `env:"-" help:"Try the expression, or all that is taught, on this text or on rejectedInputs/N; nothing is changed." placeholder:"TEXT"`
	Add    string `env:"-" help:"Add the expression under this name. --example says a text that it reads." placeholder:"NAME"`
	List   bool   `env:"-" help:"List what is taught, in the order in which it is tried."`
	Delete string `env:"-" help:"Remove a pattern. What it has read stays." placeholder:"NAME"`
	Replay bool   `env:"-" help:"Run the rejected texts that a pattern matches through the gateway again: with --add those of that pattern, else those of all."`

	Example     string `env:"-" help:"A text as the unit sends it." placeholder:"TEXT"`
	TimeLayout  string `env:"-" help:"How the group time is written." placeholder:"'yyyy-MM-dd HH:mm:ss'"`
	SpeedUnit   string `env:"-" help:"Unit of the group speed." enum:"km/h,m/s,kn,mph" default:"km/h"`
	UseSentTime bool   `env:"-" help:"A text without a time speaks of when it was sent."`
	Alarm       string `env:"-" help:"What every such text warns of: sos, power_cut, low_battery, ..." placeholder:"WORD"`
	DisplayName string `env:"-" help:"What people call the units that send it." placeholder:"NAME"`
	TimeZone    string `env:"-" help:"IANA zone of local times in a text that is tried." default:"UTC" placeholder:"ZONE"`
	JSON        bool   `env:"-" help:"Print the list for a program to read, one a line." name:"json"`
}

// Help shows the way from a rejected text to a position.
func (modemLearnCommand) Help() string {
	return `From a text that nobody could read to its position:

  waybill device rejected --reason unknown_format
  waybill modem learn --try rejectedInputs/12 --time-layout 'dd.MM.yyyy HH:mm' \
    'POS (?P<latitude>[\d.]+) (?P<longitude>[\d.]+) AT (?P<time>[\d.]+ [\d:]+) V(?P<speed>\d+)'
  waybill modem learn --add acme --example 'POS 31.23 121.47 AT 13.09.2026 14:50 V36' \
    --time-layout 'dd.MM.yyyy HH:mm' --replay 'POS ...'

Groups: latitude and longitude (decimal; or with latitude_minutes, latitude_seconds,
latitude_hemisphere), time (with --time-layout) or year, month, day, hour, minute, second,
am_pm, or unix; speed, course, altitude, accuracy, satellites, battery_percent, alarm;
no_fix, which says that there is no position of now when it matches anything. Every other
group becomes an attribute. Local times are in the device's zone.`
}

// Run does what the flags say.
func (cmd modemLearnCommand) Run(g *Globals, c *console, env *environment) error {
	if err := cmd.check(); err != nil {
		return err
	}
	return g.withStore(env.ctx, c.log, func(s *store) error {
		return withGateway(env.ctx, g, c, s, func(o *offline) error {
			switch {
			case cmd.Try != "":
				return cmd.try(env.ctx, c, o.teacher)
			case cmd.List:
				return cmd.list(env.ctx, c, o.teacher)
			case cmd.Delete != "":
				return cmd.remove(env.ctx, c, o.teacher)
			case cmd.Add != "":
				if err := cmd.add(env.ctx, c, o.teacher); err != nil || !cmd.Replay {
					return err
				}
			}
			return cmd.recover(env.ctx, c, o.teacher)
		})
	})
}

func (cmd modemLearnCommand) check() error {
	modes := 0
	for _, given := range []bool{cmd.Try != "", cmd.Add != "", cmd.List, cmd.Delete != "", cmd.Replay && cmd.Add == ""} {
		if given {
			modes++
		}
	}
	switch {
	case modes == 0:
		return usageError{"say what to do: --try TEXT, --add NAME, --list, --delete NAME or --replay; `waybill modem learn --help` shows the way"}
	case modes > 1:
		return usageError{"--try, --add, --list, --delete and --replay go one at a time; only --add and --replay go together"}
	case cmd.Add != "" && cmd.Expression == "":
		return usageError{"--add needs the expression; quote it, as in 'POS (?P<latitude>[0-9.]+) ...'"}
	case cmd.Expression != "" && cmd.Add == "" && cmd.Try == "":
		return usageError{"an expression goes with --try, which changes nothing, or with --add"}
	}
	return nil
}

// pattern is what was typed.
func (cmd modemLearnCommand) pattern(name string) *pattern.Pattern {
	return &pattern.Pattern{
		UID: name, DisplayName: cmd.DisplayName, Expression: cmd.Expression, TimeLayout: cmd.TimeLayout,
		SpeedUnit: pattern.SpeedUnit(cmd.SpeedUnit), UseSentTime: cmd.UseSentTime, Alarm: cmd.Alarm, Example: cmd.Example, Creator: "waybill modem learn",
	}
}

func (cmd modemLearnCommand) add(ctx context.Context, c *console, teacher *pattern.Teacher) error {
	taught, err := teacher.Teach(ctx, cmd.pattern(trimName(cmd.Add, "patterns/")), "", false)
	if err != nil {
		return err
	}
	c.printf("patterns/%s holds from the next text on, in all gateways\n", taught.Pattern.UID)
	for _, conflict := range taught.Conflicts {
		c.printf("  but: %s\n", conflict)
	}
	return nil
}

func (cmd modemLearnCommand) remove(ctx context.Context, c *console, teacher *pattern.Teacher) error {
	name := trimName(cmd.Delete, "patterns/")
	err := teacher.Store.DeletePattern(ctx, name)
	if errors.Is(err, tracking.ErrNotFound) {
		return fmt.Errorf("there is no pattern %s; `waybill modem learn --list` shows them", name)
	}
	if err != nil {
		return err
	}
	c.printf("patterns/%s is removed\n", name)
	return nil
}

func (cmd modemLearnCommand) recover(ctx context.Context, c *console, teacher *pattern.Teacher) error {
	r, err := teacher.Recover(ctx, trimName(cmd.Add, "patterns/"))
	if err != nil {
		return err
	}
	for i := range r.Refused {
		c.printf("rejectedInputs/%d: rejected again: %s\n  %s\n", r.Refused[i].ID, r.Refused[i].Reason, r.Refused[i].Detail)
	}
	c.printf("%d of %d texts that nobody could read match; %d recovered: %d fixes stored, %d were there already\n",
		r.Matched, r.Looked, r.Recovered, r.Stored, r.Duplicates)
	return nil
}
