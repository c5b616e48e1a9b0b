package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"waybill/tracking"
	trackingpg "waybill/tracking/postgres"
)

// kilometresAnHour in metres a second.
const kilometresAnHour = 1 / 3.6

type deviceLimitsCommand struct {
	ID             string `arg:"" help:"Device to look at or change."`
	Speed          string `env:"-" help:"Speed that is told when it is exceeded, in km/h, or none." placeholder:"KM/H"`
	MinTemperature string `env:"-" help:"Least temperature in degrees Celsius, or none." placeholder:"DEGREES"`
	MaxTemperature string `env:"-" help:"Highest temperature in degrees Celsius, or none." placeholder:"DEGREES"`
	Tilt           string `env:"-" help:"Most degrees from upright, or none." placeholder:"DEGREES"`
	Door           *bool  `env:"-" help:"Whether an open door is told." negatable:""`
	SilentAfter    string `env:"-" help:"How long it may say nothing, as in 45m; never; or default for the setting of all." placeholder:"TIME"`
	JSON           bool   `env:"-" help:"Print for a program to read." name:"json"`
}

// Help says how it is used.
func (deviceLimitsCommand) Help() string {
	return `Shows what is told of a device, after changing what is given. Give a negative number
behind an equals sign: --min-temperature=-18.`
}

// Run changes and prints the limits.
func (cmd deviceLimitsCommand) Run(g *Globals, c *console, env *environment) error {
	return g.withStore(env.ctx, c.log, func(s *store) error {
		registry := trackingpg.NewRegistry(s.pool, g.Region)
		device, err := registry.Device(env.ctx, trimName(cmd.ID, "devices/"))
		if err != nil {
			return err
		}
		before := device.Limits
		if err := cmd.apply(&device.Limits); err != nil {
			return err
		}
		if device.Limits != before {
			if device, err = registry.UpdateDevice(env.ctx, device, tracking.DeviceMask{Limits: true}); err != nil {
				return err
			}
		}
		return cmd.print(c, device)
	})
}

func (cmd deviceLimitsCommand) apply(l *tracking.Limits) error {
	for _, number := range []struct {
		flag, given string
		set         func(v *float64)
	}{
		{"speed", cmd.Speed, func(v *float64) { l.Speed = orNone(v) * kilometresAnHour }},
		{"min-temperature", cmd.MinTemperature, func(v *float64) { l.MinTemperature = v }},
		{"max-temperature", cmd.MaxTemperature, func(v *float64) { l.MaxTemperature = v }},
		{"tilt", cmd.Tilt, func(v *float64) { l.Tilt = orNone(v) }},
	} {
		switch number.given {
		case "":
		case "none":
			number.set(nil)
		default:
			v, err := strconv.ParseFloat(strings.TrimSuffix(number.given, "km/h"), 64)
			if err != nil {
				return usageError{fmt.Sprintf("--%s %s is no number; give one, or none", number.flag, number.given)}
			}
			number.set(&v)
		}
	}
	if cmd.Door != nil {
		l.Door = *cmd.Door
	}
	switch cmd.SilentAfter {
	case "":
	case "default":
		l.SilentAfter = 0
	case "never":
		l.SilentAfter = tracking.NeverSilent
	default:
		after, err := time.ParseDuration(cmd.SilentAfter)
		if err != nil || after <= 0 {
			return usageError{fmt.Sprintf("--silent-after %s is no time; write it as in 45m, or never, or default", cmd.SilentAfter)}
		}
		l.SilentAfter = after
	}
	return nil
}

func orNone(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

// shownLimits are limits as they are printed for a program, in SI units.
type shownLimits struct {
	Device         string   `json:"device"`
	Speed          float64  `json:"speed,omitempty"`
	MinTemperature *float64 `json:"min_temperature,omitempty"`
	MaxTemperature *float64 `json:"max_temperature,omitempty"`
	Tilt           float64  `json:"tilt,omitempty"`
	Door           bool     `json:"door_open"`
	SilentAfter    string   `json:"silent_after"`
}

func (cmd deviceLimitsCommand) print(c *console, d tracking.Device) error {
	l := d.Limits
	silent := "default"
	switch {
	case l.SilentAfter == tracking.NeverSilent:
		silent = "never"
	case l.SilentAfter > 0:
		silent = l.SilentAfter.String()
	}
	if cmd.JSON {
		return json.NewEncoder(c.out).Encode(shownLimits{
			"devices/" + d.UID, l.Speed, l.MinTemperature, l.MaxTemperature, l.Tilt, l.Door, silent,
		})
	}
	number := func(v *float64, unit string) string {
		if v == nil || *v == 0 && unit != "°C" {
			return "none"
		}
		return strconv.FormatFloat(*v, 'f', -1, 64) + unit
	}
	speed := l.Speed / kilometresAnHour
	if rounded, err := strconv.ParseFloat(strconv.FormatFloat(speed, 'f', 1, 64), 64); err == nil {
		speed = rounded
	}
	door := "not told"
	if l.Door {
		door = "told"
	}
	c.printf("devices/%s\n  speed         %s\n  temperature   from %s to %s\n  tilt          %s\n  open door     %s\n  silent after  %s\n",
		d.UID, number(&speed, " km/h"), number(l.MinTemperature, "°C"), number(l.MaxTemperature, "°C"), number(&l.Tilt, "°"), door, silent)
	return nil
}
