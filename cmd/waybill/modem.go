package main

import (
	"fmt"
	"strings"
	"time"

	"waybill/gateway/modem/emulator/postbox"
)

type modemCommand struct {
	List  modemListCommand  `cmd:"" help:"List the modems of a running gateway with how they are."`
	Trace modemTraceCommand `cmd:"" help:"Show what passes on the line of a modem while it runs."`

	Emulate modemEmulateCommand `cmd:"" help:"Run an emulated GSM modem on a pseudo-terminal."`
	Text    modemTextCommand    `cmd:"" help:"Put a text into the SIM of an emulated modem."`
	Learn   modemLearnCommand   `cmd:"" help:"Teach texts that units send: try, add, list and delete patterns, and recover what was rejected."`
	Fault   modemFaultCommand   `cmd:"" help:"Have something go wrong with an emulated modem."`

	Contents modemContentsCommand `cmd:"" help:"Show what an emulated modem holds."`
}

type modemTextCommand struct {
	Path string    `arg:"" help:"The emulated modem's port."`
	Text string    `arg:"" help:"What the text says."`
	From string    `env:"-" help:"The number that it comes from." required:"" placeholder:"NUMBER"`
	Time time.Time `env:"-" help:"The service centre's time stamp; now when not given." placeholder:"2026-01-02T03:04:05Z"`
}

// Run puts the text into the SIM.
func (cmd modemTextCommand) Run(c *console, env *environment) error {
	if digits := strings.TrimPrefix(cmd.From, "+"); digits == "" || strings.Trim(digits, "0123456789") != "" {
		return usageError{fmt.Sprintf("--from %q is no number: write digits, and + before the country's code; the emulated modem knows no senders with names", cmd.From)}
	}
	if err := postbox.Send(env.ctx, cmd.Path, postbox.Text{From: cmd.From, Text: cmd.Text, Time: cmd.Time}); err != nil {
		return err
	}
	c.printf("in the SIM\n")
	return nil
}
