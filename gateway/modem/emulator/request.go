package emulator

import (
	"strconv"
	"strings"
)

// form is how a command is used.
type form int

const (
	execute form = iota // AT+CSQ
	read                // AT+CREG?
	test                // AT+CNMI=?
	set                 // AT+CMEE=1
)

// request is one command of a line.
type request struct {
	name string // Upper case, with its mark: "+CSQ", "E", "&F".
	form form
	args []string // Without quotes.
}

// arg gives an argument as a number; -1 when it is missing or none.
func (r request) arg(i int) int {
	if i >= len(r.args) {
		return -1
	}
	n, err := strconv.Atoi(r.args[i])
	if err != nil {
		return -1
	}
	return n
}

// requests cuts what follows AT into its commands: extended ones are separated by semicolons, basic ones (E0V1) by nothing.
func requests(text string) []request {
	var all []request
	for text != "" {
		var r request
		if strings.ContainsRune("+^$*#%", rune(text[0])) {
			var part string
			part, text = cutSemicolon(text)
			r = extended(part)
		} else {
			r, text = basic(text)
		}
		if r.name != "" {
			all = append(all, r)
		}
	}
	return all
}

func cutSemicolon(text string) (part, rest string) {
	quoted := false
	for i, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ';' && !quoted:
			return text[:i], text[i+1:]
		}
	}
	return text, ""
}

func extended(part string) request {
	part = strings.TrimSpace(part)
	switch {
	case strings.HasSuffix(part, "=?"):
		return request{name: strings.ToUpper(part[:len(part)-2]), form: test}
	case strings.HasSuffix(part, "?") && !strings.Contains(part, "="):
		return request{name: strings.ToUpper(part[:len(part)-1]), form: read}
	}
	name, args, isSet := strings.Cut(part, "=")
	r := request{name: strings.ToUpper(name)}
	if isSet {
		r.form = set
		for _, a := range strings.Split(args, ",") {
			r.args = append(r.args, strings.Trim(strings.TrimSpace(a), `"`))
		}
	}
	return r
}

func basic(text string) (request, string) {
	text = strings.TrimLeft(text, " ;")
	if text == "" {
		return request{}, ""
	}
	end := 1
	if text[0] == '&' && len(text) > 1 {
		end = 2
	}
	name := strings.ToUpper(text[:end])
	digits := end
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	return request{name: name, form: execute, args: []string{text[end:digits]}}, text[digits:]
}
