// Command waybill is all of Waybill: the server in all its roles, and the commands
// that administer it. It alone wires the parts to one another.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	// Devices have time zones, and not every machine knows them: a text of one that
	// can't be read would wait on its SIM for ever.
	_ "time/tzdata"

	"github.com/alecthomas/kong"

	"waybill/tracking"
)

// version is set by the linker (-X main.version=...).
var version = "development"

// Exit codes, for scripts.
const (
	exitFailure = 1
	exitUsage   = 2
)

// commandLine is everything that can be typed.
type commandLine struct {
	Globals

	Serve      serveCommand      `cmd:"" help:"Run the server: all roles, or those named by --roles."`
	Demo       demoCommand       `cmd:"" help:"Run everything on this machine, with a fleet that moves."`
	Migrate    migrateCommand    `cmd:"" help:"Bring the database's schema up to date."`
	Backup     backupCommand     `cmd:"" help:"Write the whole database to a directory."`
	Restore    restoreCommand    `cmd:"" help:"Read a backup into an empty database."`
	Token      tokenCommand      `cmd:"" help:"Issue, list and revoke tokens: who may call what."`
	Device     deviceCommand     `cmd:"" help:"Register devices, issue their passwords, see what was rejected."`
	Customer   customerCommand   `cmd:"" help:"See what was said with customers, text them, and who wants no messages."`
	Text       textCommand       `cmd:"" help:"Send texts (SMS), and see what became of them."`
	Modem      modemCommand      `cmd:"" help:"Look at GSM modems, or run one that is emulated."`
	Import     importCommand     `cmd:"" help:"Read places into the gazetteer."`
	Export     exportCommand     `cmd:"" help:"Write the track of a vehicle or device to a file."`
	Replay     replayCommand     `cmd:"" help:"Play a recorded track as a unit would."`
	Bench      benchCommands     `cmd:"" help:"Measure the ingest path and what follows from it."`
	Partitions partitionsCommand `cmd:"" help:"List the days of positions with their sizes, or seal one."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), stopSignals()...)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// stopSignals ask for an orderly end. That a terminal was closed is one of them, so
// that no database stays behind; nohup, which has it ignored, still does its work.
func stopSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// run parses the arguments, runs the command, and returns the exit code.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	var line commandLine
	exited := -1
	parser, err := kong.New(&line,
		kong.Name("waybill"),
		kong.Description("Follows what a customer has ordered, from the production line to the place of use.\n\n"+
			"Every flag can be set in the environment too, as its --help says: WAYBILL_DATABASE_URL and so on."),
		kong.DefaultEnvars("WAYBILL"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Writers(out, errs),
		kong.Exit(func(code int) { exited = code }),
		kong.UsageOnError(),
	)
	if err != nil {
		_, _ = fmt.Fprintln(errs, "waybill:", err)
		return exitFailure
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		_, _ = fmt.Fprintf(errs, "waybill: %v\nRun `waybill --help`, or `waybill COMMAND --help`.\n", err)
		return exitUsage
	}
	console := &console{out: out, log: line.logger(errs)}
	var field *tracking.FieldError
	err = parsed.Run(&line.Globals, console, &environment{ctx: ctx})
	switch {
	case err == nil, errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return 0
	case errors.As(err, &field):
		// The field has the name that the API gives it; who types a command knows flags.
		_, _ = fmt.Fprintln(errs, "waybill:", field.Advice)
		return exitFailure
	case errors.As(err, new(usageError)):
		_, _ = fmt.Fprintln(errs, "waybill:", err)
		return exitUsage
	default:
		_, _ = fmt.Fprintln(errs, "waybill:", err)
		return exitFailure
	}
}

// environment carries the context to commands, which kong binds by type.
type environment struct {
	ctx context.Context //nolint:containedctx // kong calls Run without a context
}

// console is what a command prints to: answers to out, events to log.
type console struct {
	out io.Writer
	log *slog.Logger
}

// printf writes an answer. A closed pipe is nobody's error.
func (c *console) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(c.out, format, args...)
}

// usageError is a mistake on the command line that only the command could see.
type usageError struct{ message string }

// Error says what to type instead.
func (e usageError) Error() string { return e.message }

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(c *console) error {
	c.printf("waybill %s\n", version)
	return nil
}
