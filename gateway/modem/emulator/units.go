package emulator

import (
	"strings"
	"time"
)

// Unit is a field unit, or somebody's phone, in reach of the network: it answers texts that are sent to its number
// through an emulated modem. The answer comes to the SIM that the text was sent from.
type Unit struct {
	Number string
	Delay  time.Duration // How long it takes to answer.

	// Answer gives what the unit says to a text; nothing when it doesn't answer. It gets long texts whole. It may be
	// called from the goroutines of all modems that have the unit.
	Answer func(text string) string
}

// Says is an Answer that is always the same.
func Says(text string) func(string) string { return func(string) string { return text } }

// sameNumber compares numbers with and without the mark of an international one.
func sameNumber(a, b string) bool { return strings.TrimPrefix(a, "+") == strings.TrimPrefix(b, "+") }
