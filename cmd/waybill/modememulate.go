package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"waybill/gateway/modem/emulator"
	"waybill/gateway/modem/emulator/fault"
	"waybill/gateway/modem/emulator/postbox"
	"waybill/gateway/modem/emulator/profile"
)

type modemEmulateCommand struct {
	Path    string   `env:"-" help:"Where the modem's port is to be found: a symbolic link is made here." required:"" placeholder:"PATH"`
	Count   int      `env:"-" help:"Emulate so many, at PATH-0, PATH-1, and so on, each with a SIM of its own." default:"0" placeholder:"N"`
	Profile string   `env:"-" help:"Whose make it is: ${enum}." enum:"plain,simcom,quectel,huawei,cinterion,wavecom" default:"plain"`
	PIN     string   `env:"-" help:"PIN that the SIM asks for; none when empty." placeholder:"PIN"`
	PUK     string   `env:"-" help:"PUK that the SIM asks for after three wrong PINs; 12345678 when empty." placeholder:"PUK"`
	Number  string   `env:"-" help:"The SIM's own number." placeholder:"NUMBER"`
	Memory  []string `env:"-" help:"Memories and how many messages each holds, as in SM:20,ME:100; the profile's when not given." placeholder:"NAME:N"`
	Baud    int      `env:"-" help:"The line's speed, such as 115200; as fast as it goes when not given." placeholder:"BAUD"`
	Unit    []string `env:"-" help:"A unit that answers what is sent to its number; may be given several times." placeholder:"NUMBER=ANSWER" sep:"none"`

	harass `embed:""`
}

// Help says what to do with it.
func (modemEmulateCommand) Help() string {
	return `The modem answers AT commands as real ones do: gammu, smstools and Waybill itself
can read it. It runs until it is interrupted.

  waybill modem emulate --path /tmp/modem0 &
  waybill serve --modem-path /tmp/modem0 &
  waybill modem text /tmp/modem0 --from +8613800138000 'Lat:N31.2,Lon:E121.4,...'
  waybill modem fault /tmp/modem0 hang,for=20s

With --profile it behaves as a maker's modems do, and with --unit a command that is
sent to a unit is answered:

  waybill modem emulate --path /tmp/modem0 --profile huawei --unit '+8613800138000=Lat:N31.2,...'`
}

// Run emulates modems until the context ends.
func (cmd modemEmulateCommand) Run(c *console, env *environment) error {
	config, err := cmd.config(c)
	if err != nil {
		return err
	}
	if _, err := cmd.drawer(0); err != nil {
		return err
	}
	paths := []string{cmd.Path}
	if cmd.Count > 0 {
		paths = make([]string, cmd.Count)
		for i := range paths {
			paths[i] = fmt.Sprintf("%s-%d", cmd.Path, i)
		}
	}
	all, ctx := errgroup.WithContext(env.ctx)
	var plugged atomic.Int32
	for i, path := range paths {
		all.Go(func() error {
			return cmd.one(ctx, config, i, path, func() {
				c.printf("The modem is at %s. Put texts into its SIM with: waybill modem text %s --from NUMBER TEXT\n", path, path)
				if int(plugged.Add(1)) == len(paths) {
					c.log.Info("ready", "modem", cmd.Path)
				}
			})
		})
	}
	return all.Wait()
}

// config is what all modems of the command have in common.
func (cmd modemEmulateCommand) config(c *console) (emulator.Config, error) {
	made, err := profile.Named(cmd.Profile)
	if err != nil {
		return emulator.Config{}, usageError{err.Error()}
	}
	memories, err := cmd.memories(made)
	if err != nil {
		return emulator.Config{}, err
	}
	units := make([]emulator.Unit, len(cmd.Unit))
	for i, u := range cmd.Unit {
		number, says, ok := strings.Cut(u, "=")
		if !ok || number == "" {
			return emulator.Config{}, usageError{fmt.Sprintf("--unit %s: write a unit as NUMBER=ANSWER", u)}
		}
		units[i] = emulator.Unit{Number: number, Answer: emulator.Says(says)}
	}
	return emulator.Config{
		Profile: made, Memories: memories, Baud: cmd.Baud, Logger: c.log, Units: units,
		Sent: func(s emulator.Submission) { c.printf("to %s: %s\n", s.To, s.Text) },
	}, nil
}

// one runs one of the modems. Several have IMEIs, IMSIs and seeds that follow each other.
func (cmd modemEmulateCommand) one(ctx context.Context, config emulator.Config, n int, path string, plugged func()) error {
	config.Link, config.IMEI = path, fmt.Sprintf("35209900176%04d", 1481+n)
	config.SIM = emulator.NewSIM(emulator.SIMConfig{
		IMSI: fmt.Sprintf("46000123456%04d", 7890+n), ICCID: fmt.Sprintf("8986001234567890%04d", 1234+n),
		Number: cmd.Number, PIN: cmd.PIN, PUK: cmd.PUK, Capacity: emulator.Capacity(config.Memories, "SM"),
	})
	draw, err := cmd.drawer(n)
	if err != nil {
		return err
	}
	sim := emulator.New(config)
	return cmd.harassed(ctx, sim, draw, func(ctx context.Context) error { return runModem(ctx, sim, path, plugged) })
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

func (cmd modemEmulateCommand) memories(made profile.Profile) ([]emulator.Memory, error) {
	if len(cmd.Memory) == 0 {
		return made.Memories, nil
	}
	memories := make([]emulator.Memory, 0, len(cmd.Memory))
	for _, m := range cmd.Memory {
		name, size, ok := strings.Cut(m, ":")
		capacity, err := strconv.Atoi(size)
		if !ok || err != nil || capacity < 1 {
			return nil, usageError{fmt.Sprintf("--memory %s: write a memory as NAME:MESSAGES, as in SM:20", m)}
		}
		memories = append(memories, emulator.Memory{Name: name, Capacity: capacity, First: made.Memories[0].First})
	}
	return memories, nil
}
