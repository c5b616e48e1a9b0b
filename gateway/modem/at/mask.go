package at

import (
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"unicode"
)

const masked = "****"

// mask takes secrets out of a trace: PIN, PUK and passwords. A modem may echo a command that has one, and an unsolicited
// code may cut the echo in two, so between such a command and its result nothing is shown that could be a piece of it.
type mask struct {
	secret atomic.Bool // A command with a secret is on its way.
}

// secretCommand tells whether the line sets, gives or changes a secret.
func secretCommand(line string) bool {
	line = strings.ToUpper(line)
	for _, name := range []string{"+CPIN=", "+CPIN2=", "+CPWD=", "+CLCK=", "^CPIN=", "^CPIN2=", "^SPWD=", "^CARDUNLOCK="} {
		if strings.Contains(line, name) {
			return true
		}
	}
	return false
}

func (m *mask) sent(line string) string {
	if !secretCommand(line) {
		return line
	}
	m.secret.Store(true)
	name, _, _ := strings.Cut(line, "=")
	return name + "=" + masked
}

func (m *mask) received(line string) string {
	if secretCommand(line) {
		return masked
	}
	if !m.secret.Load() {
		return line
	}
	if _, final := finalResult(line, false); final {
		m.secret.Store(false)
		return line
	}
	if strings.HasPrefix(line, "+C") && strings.Contains(line, ": ") {
		return line // A code that came between.
	}
	return masked
}

// printable writes what a terminal can't show in escapes.
func printable(line []byte) string {
	text := strings.ToValidUTF8(string(line), "\uFFFD")
	if strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "<%02X>", r)
		}
	}
	return b.String()
}

// Redactor takes out of a trace what is of people: numbers and what texts say.
type Redactor struct{ pdu, text, number *regexp.Regexp }

// NewRedactor makes one.
func NewRedactor() *Redactor {
	return &Redactor{
		pdu:    regexp.MustCompile(`[0-9A-Fa-f]{16,}`),
		text:   regexp.MustCompile(`^(\+CUSD: *[0-9]+),.*`),
		number: regexp.MustCompile(`\+?[0-9]{5,}`),
	}
}

// Redact gives the line with PDUs by their length, and without numbers of five digits and more.
func (r *Redactor) Redact(line string) string {
	line = r.text.ReplaceAllString(line, "$1,"+masked)
	line = r.pdu.ReplaceAllStringFunc(line, func(pdu string) string { return fmt.Sprintf("<%d octets>", len(pdu)/2) })
	return r.number.ReplaceAllString(line, masked)
}
