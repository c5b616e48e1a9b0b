package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/emulator/fault"
	"waybill/gateway/modem/emulator/postbox"
)

type modemEmulateCommand struct {
	Path   string   `env:"-" help:"Where the modem's port is to be found: a symbolic link is made here." required:"" placeholder:"PATH"`
	PIN    string   `env:"-" help:"PIN that the SIM asks for; none when empty." placeholder:"PIN"`
	Memory []string `env:"-" help:"Memories and how many messages each holds." default:"SM:20,ME:100"`
	Baud   int      `env:"-" help:"The line's speed, such as 115200; as fast as it goes when not given." placeholder:"BAUD"`

	harass `embed:""`
}

// Help says what to do with it.
func (modemEmulateCommand) Help() string {
	return `The modem answers AT commands as real ones do: gammu, smstools and Waybill itself
can read it. It runs until it is interrupted.

  waybill modem emulate --path /tmp/modem0 &
  waybill serve --modem-path /tmp/modem0 &
  waybill modem text /tmp/modem0 --from +8613800138000 'Lat:N31.2,Lon:E121.4,...'
  waybill modem fault /tmp/modem0 hang,for=20s`
}

// Run emulates a modem until the context ends.
func (cmd modemEmulateCommand) Run(c *console, env *environment) error {
	memories, err := cmd.memories()
	if err != nil {
		return err
	}
	draw, err := cmd.drawer()
	if err != nil {
		return err
	}
	sim := emulator.New(emulator.Config{
		Link: cmd.Path, PIN: cmd.PIN, Memories: memories, Baud: cmd.Baud, Logger: c.log,
		Sent: func(s emulator.Submission) { c.printf("to %s: %s\n", s.To, s.Text) },
	})
	return cmd.harassed(env.ctx, sim, draw, func(ctx context.Context) error {
		return runModem(ctx, sim, cmd.Path, func() {
			c.printf("The modem is at %s. Put texts into its SIM with: waybill modem text %s --from NUMBER TEXT\n", cmd.Path, cmd.Path)
			c.log.Info("ready", "modem", cmd.Path)
		})
	})
}

// harassed runs the modem, and has things go wrong with it meanwhile.
func (cmd modemEmulateCommand) harassed(ctx context.Context, sim *emulator.Emulator, draw *fault.Drawer, run func(context.Context) error) error {
	if draw == nil {
		return run(ctx)
	}
	ctx, stop := context.WithCancel(ctx)
	failed := make(chan error, 1)
	go func() {
		defer stop()
		failed <- sim.Harass(ctx, cmd.Every, draw)
	}()
	err := run(ctx)
	stop()
	if e := <-failed; e != nil && !errors.Is(e, emulator.ErrUnplugged) {
		err = errors.Join(err, e)
	}
	return err
}

// runModem plugs an emulated modem in until the context ends.
func runModem(ctx context.Context, sim *emulator.Emulator, path string, plugged func()) (err error) {
	if _, err := sim.Start(); err != nil {
		return fmt.Errorf("plug the emulated modem in: %w", err)
	}
	defer func() {
		if e := sim.Close(); err == nil {
			err = e
		}
	}()
	box, err := postbox.Open(ctx, path, sim)
	if err != nil {
		return err
	}
	plugged()
	return box.Serve(ctx)
}

func (cmd modemEmulateCommand) memories() ([]emulator.Memory, error) {
	memories := make([]emulator.Memory, 0, len(cmd.Memory))
	for _, m := range cmd.Memory {
		name, size, ok := strings.Cut(m, ":")
		capacity, err := strconv.Atoi(size)
		if !ok || err != nil || capacity < 1 {
			return nil, usageError{fmt.Sprintf("--memory %s: write a memory as NAME:MESSAGES, as in SM:20", m)}
		}
		memories = append(memories, emulator.Memory{Name: name, Capacity: capacity, First: 1})
	}
	return memories, nil
}
