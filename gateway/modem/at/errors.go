package at

import (
	"context"
	"errors"
	"fmt"
)

var (
	// ErrRefused is the modem's bare ERROR: an unknown command, a parameter it doesn't take, or no reason given.
	ErrRefused = errors.New("the modem answered ERROR")

	// ErrTimeout says that the command got no final result in its time. What became of it is unknown.
	ErrTimeout = errors.New("the modem did not answer in time")

	// ErrIncomplete says that the final OK came without the answer that the command asks for. It is what a lost line,
	// or an OK that belonged to something else, looks like; the engine synchronises before the next command.
	ErrIncomplete = errors.New("the modem said OK and gave no answer")

	// ErrTooLong says that an answer went over the engine's bound.
	ErrTooLong = errors.New("the modem's answer is too long")

	// ErrNoPrompt says that the modem did not ask for the payload of a command, so that it did not get it.
	ErrNoPrompt = errors.New("the modem did not ask for the message")

	// ErrNoSync says that the modem does not answer a plain probe: it hangs, or is no modem.
	ErrNoSync = errors.New("the modem doesn't answer AT; it may hang, be switched off, or run at another baud rate")

	// ErrClosed says that the stream to the modem has ended, by Close or because the modem went away.
	ErrClosed = errors.New("the stream to the modem has ended")
)

// CMEError is +CME ERROR: equipment, SIM or network failed (3GPP TS 27.007, 9.2).
type CMEError struct {
	Code int    // -1 when the modem gave words only.
	Text string // What stood behind the colon.
}

// Error gives the code or words that the modem gave.
func (e *CMEError) Error() string { return "the modem answered +CME ERROR: " + e.Text }

// CMSError is +CMS ERROR: the message service failed (3GPP TS 27.005, 3.2.5).
type CMSError struct {
	Code int    // -1 when the modem gave words only.
	Text string // What stood behind the colon.
}

// Error gives the code or words that the modem gave.
func (e *CMSError) Error() string { return "the modem answered +CMS ERROR: " + e.Text }

// CallError is the end of a call: NO CARRIER, BUSY, NO ANSWER or NO DIALTONE.
type CallError struct{ Result string }

// Error gives the result code.
func (e *CallError) Error() string { return "the call ended: " + e.Result }

// CommandError tells which command failed. Its cause is one of this package's errors, or the caller's context error.
type CommandError struct {
	Command string // As sent, without its secret.
	Unsent  bool   // It has a payload that the modem was not given.
	Err     error
}

// Error gives command and cause.
func (e *CommandError) Error() string { return fmt.Sprintf("AT%s: %v", e.Command, e.Err) }

// Unwrap gives the cause.
func (e *CommandError) Unwrap() error { return e.Err }

// IsRefusal tells whether the modem understood where the command ended and said no, so that the stream is sound and
// asking again in the same way is of no use unless the code says so.
func IsRefusal(err error) bool {
	var cme *CMEError
	var cms *CMSError
	return errors.Is(err, ErrRefused) || errors.As(err, &cme) || errors.As(err, &cms)
}

// IsUnsent tells whether a command with a payload can't have had an effect: the modem said no, or was never given the
// payload. After any other error it may have been sent.
func IsUnsent(err error) bool {
	var failed *CommandError
	return IsRefusal(err) || errors.As(err, &failed) && failed.Unsent
}

// IsLost tells whether the modem can't be talked to any more over this stream: it has to be opened again.
func IsLost(err error) bool {
	return errors.Is(err, ErrNoSync) || errors.Is(err, ErrClosed)
}

// asTimeout turns the end of the command's own deadline into ErrTimeout and leaves the caller's cancellation as it is.
func asTimeout(caller context.Context) error {
	if err := caller.Err(); err != nil {
		return err
	}
	return ErrTimeout
}
