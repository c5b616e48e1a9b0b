package at

import (
	"strings"
	"time"
)

// Command is what is sent, and how its answer is known.
type Command struct {
	// Text is what follows AT: "+CSQ", "E0", "+CPMS=\"SM\"".
	Text string

	// Match tells whether a line is part of the answer. With nil no line is: all that counts is the final result.
	Match func(line string) bool

	// Bare says that answer lines carry no mark of their own (the maker's name), so that final results and known
	// unsolicited codes must be kept out although they match.
	Bare bool

	// Least is how many answer lines must have come before OK is believed.
	Least int

	// PDU says that each answer line is followed by a line of hexadecimal, which is kept with it.
	PDU bool

	// Payload is written, ended by Ctrl-Z, when the modem prompts for it with ">". Empty means that no prompt is expected.
	Payload string

	// Dials says that the results of a call (NO CARRIER, BUSY ...) end this command; for others they are unsolicited.
	Dials bool

	// Secret is the part of Text that must not appear in errors.
	Secret string

	// Blind says that it is sent without making sure that the modem answers: it is to bring back one that doesn't.
	Blind bool

	// Resets says that the modem may start anew after it, so that the next command has to synchronise first.
	Resets bool

	// Timeout is the time for this command, synchronising not counted; zero takes the engine's.
	Timeout time.Duration

	// Silence is how long the modem may say nothing at all while it answers; zero means the whole Timeout. For commands
	// with long answers it tells a modem that hangs from one that is busy talking.
	Silence time.Duration
}

// Line is one line of an answer with the PDU that followed it, if any.
type Line struct {
	Text string
	PDU  string
}

// Answer is what the modem said between the command and its OK.
type Answer []Line

// First gives the text of the first line, or nothing.
func (a Answer) First() string {
	if len(a) == 0 {
		return ""
	}
	return a[0].Text
}

// Field gives what follows the prefix of an answer line such as "+CSQ: 20,0", without blanks around it.
func (l Line) Field(prefix string) string {
	return strings.TrimSpace(strings.TrimPrefix(l.Text, prefix))
}

// Set is a command that is answered by its final result alone.
func Set(text string) Command { return Command{Text: text} }

// Query is a command that is answered by at least one line with the prefix ("+CSQ:").
func Query(text, prefix string) Command {
	return Command{Text: text, Match: Prefix(prefix), Least: 1}
}

// List is a command that is answered by any number of lines with the prefix.
func List(text, prefix string) Command {
	return Command{Text: text, Match: Prefix(prefix)}
}

// Free is a command that is answered by lines without any mark, such as the maker's name. Known unsolicited codes are
// still kept out of it.
func Free(text string) Command {
	return Command{Text: text, Match: func(string) bool { return true }, Bare: true, Least: 1}
}

// Prefix matches lines that begin with it.
func Prefix(prefix string) func(string) bool {
	return func(line string) bool { return strings.HasPrefix(line, prefix) }
}

// Digits matches lines of so many digits only: IMEI, IMSI.
func Digits(least, most int) func(line string) bool {
	return func(line string) bool {
		return least <= len(line) && len(line) <= most && strings.Trim(line, "0123456789") == ""
	}
}

// shown is the command without its secret.
func (c Command) shown() string {
	if c.Secret == "" {
		return c.Text
	}
	return strings.ReplaceAll(c.Text, c.Secret, "****")
}
