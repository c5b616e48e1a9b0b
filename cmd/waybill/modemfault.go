package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"waybill/gateway/modem/emulator/fault"
	"waybill/gateway/modem/emulator/postbox"
)

type modemFaultCommand struct {
	Path  string   `arg:"" help:"The emulated modem's port."`
	Fault []string `arg:"" help:"What is to go wrong." sep:"none"`
}

// Help lists what can go wrong.
func (modemFaultCommand) Help() string {
	var b strings.Builder
	b.WriteString(`A fault is its kind with settings behind it:

  waybill modem fault /tmp/modem0 hang,for=20s
  waybill modem fault /tmp/modem0 send-error,code=42,rate=0.1,seed=7
  waybill modem fault /tmp/modem0 heal

for: how long it lasts; next: how many occasions it happens to; rate and seed: the
share of occasions, and what decides which. Without any it holds until heal.

`)
	for _, k := range fault.Kinds() {
		fmt.Fprintf(&b, "  %-16s %s", k.Kind, k.Help)
		if len(k.Takes) > 0 {
			fmt.Fprintf(&b, " [%s]", strings.Join(k.Takes, ", "))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Run has them go wrong, in order.
func (cmd modemFaultCommand) Run(c *console, env *environment) error {
	faults := make([]fault.Fault, len(cmd.Fault))
	for i, written := range cmd.Fault {
		var err error
		if faults[i], err = fault.Parse(written); err != nil {
			return usageError{err.Error()}
		}
	}
	for _, f := range faults {
		if err := postbox.Break(env.ctx, cmd.Path, f); err != nil {
			return err
		}
		c.printf("%s\n", f)
	}
	return nil
}

type modemContentsCommand struct {
	Path string `arg:"" help:"The emulated modem's port."`
	JSON bool   `env:"-" help:"Print for a program to read." name:"json"`
}

// Run shows what the modem holds.
func (cmd modemContentsCommand) Run(c *console, env *environment) error {
	state, err := postbox.State(env.ctx, cmd.Path)
	if err != nil {
		return err
	}
	if cmd.JSON {
		return json.NewEncoder(c.out).Encode(state)
	}
	for _, m := range state.Memories {
		c.printf("%s: %d of %d\n", m.Name, m.Used, m.Capacity)
	}
	c.printf("in the network: %d\nplugged in: %t\nfaults: %s\n", state.Waiting, state.Plugged, faultsOrNone(state.Faults))
	return nil
}

func faultsOrNone(faults []string) string {
	if len(faults) == 0 {
		return "none"
	}
	return strings.Join(faults, " ")
}

// harass says how an emulated modem is broken every so often.
type harass struct {
	Every time.Duration `env:"-" help:"Have something go wrong with the modem every so often." name:"fault-every" placeholder:"5s"`
	Seed  uint64        `env:"-" help:"Decides what goes wrong: the same seed, the same faults." name:"fault-seed" default:"1"`
	Kinds []string      `env:"-" help:"Draw from these faults alone; see waybill modem fault --help." name:"fault-kind" placeholder:"KIND"`
}

// drawer gives nil when nothing is to go wrong. Each modem has faults of its own.
func (h harass) drawer(modem int) (*fault.Drawer, error) {
	kinds := make([]fault.Kind, len(h.Kinds))
	for i, k := range h.Kinds {
		f, err := fault.Parse(k)
		if err != nil {
			return nil, usageError{"--fault-kind: " + err.Error()}
		}
		kinds[i] = f.Kind
	}
	if h.Every <= 0 {
		return nil, nil //nolint:nilnil // Nothing is to go wrong.
	}
	return fault.NewDrawer(h.Seed+uint64(modem), kinds...), nil //nolint:gosec // A modem's number is small.
}
