package command

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"waybill/tracking"
)

// The kinds that every installation knows. Others are its own.
const (
	Position = "position"
	Interval = "interval"
	Restart  = "restart"
	CutOff   = "cut-off"
	Restore  = "restore"
)

// Template is how a command is written for a model.
type Template struct {
	Model       string
	Kind        string
	DisplayName string
	// Body has parameters in braces: {interval}, {interval:3} with zeros in front up to three digits,
	// {password=123456} with a default. {{ is a brace.
	Body string
	// AnswerPattern is found in the answer, whatever the case; empty for no pattern.
	AnswerPattern string
	// AnswerPosition says that a text with a position, or one that says that there is none, is an answer.
	AnswerPosition bool
	// AnswerWithin is how long an answer is awaited; zero when the unit gives none.
	AnswerWithin time.Duration
	// Confirm says that it has to be confirmed, and is never sent again by itself.
	Confirm bool
	BuiltIn bool
}

const (
	longestBody    = 480
	longestPattern = 500
	longestValue   = 60
	longestWait    = 24 * time.Hour
)

// Check says in a [tracking.FieldError] what is wrong with a template.
func (t Template) Check() error {
	for field, word := range map[string]string{"model": t.Model, "kind": t.Kind} {
		if tracking.CheckUID(field, word) != nil {
			return wrong(field, "use 1 to 63 lower-case letters, digits and hyphens, as in concox or cut-off")
		}
	}
	if err := tracking.CheckText("display_name", t.DisplayName); err != nil {
		return err
	}
	if len(t.Body) > longestBody {
		return wrong("body", fmt.Sprintf("use at most %d bytes", longestBody))
	}
	if _, err := t.places(); err != nil {
		return err
	}
	if _, err := regexp.Compile(t.AnswerPattern); err != nil || len(t.AnswerPattern) > longestPattern {
		return wrong("answer_pattern", fmt.Sprintf("give a regular expression (RE2) of at most %d bytes: %v", longestPattern, err))
	}
	if t.AnswerWithin < 0 || t.AnswerWithin > longestWait {
		return wrong("answer_within", "give a time of at most a day")
	}
	if t.AnswerWithin > 0 && t.AnswerPattern == "" && !t.AnswerPosition {
		return wrong("answer_pattern", "say how the answer is known, by a pattern or as a position; or await none")
	}
	return nil
}

// place is a piece of a body: text, or a parameter.
type place struct {
	text      string
	parameter string
	width     int
	preset    *string
}

// places takes the body apart.
func (t Template) places() ([]place, error) {
	var all []place
	rest := t.Body
	for rest != "" {
		begin := strings.IndexByte(rest, '{')
		if begin < 0 {
			return append(all, place{text: rest}), nil
		}
		if strings.HasPrefix(rest[begin:], "{{") {
			all = append(all, place{text: rest[:begin+1]})
			rest = rest[begin+2:]
			continue
		}
		end := strings.IndexByte(rest[begin:], '}')
		if end < 0 {
			return nil, wrong("body", "close the brace that opens a parameter, or write {{ for a brace")
		}
		if begin > 0 {
			all = append(all, place{text: rest[:begin]})
		}
		p, err := parameter(rest[begin+1 : begin+end])
		if err != nil {
			return nil, err
		}
		all = append(all, p)
		rest = rest[begin+end+1:]
	}
	if len(all) == 0 {
		return nil, wrong("body", "write what is sent to the unit")
	}
	return all, nil
}

// parameter reads what stands in braces: name, name:3, name=default, name:3=default.
func parameter(s string) (place, error) {
	name, preset, hasPreset := strings.Cut(s, "=")
	name, width, hasWidth := strings.Cut(name, ":")
	p := place{parameter: name}
	if hasPreset {
		p.preset = &preset
	}
	n, err := strconv.Atoi(width)
	switch {
	case name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "":
		return p, wrong("body", fmt.Sprintf("name the parameter {%s} with lower-case letters", s))
	case hasWidth && (err != nil || n < 1 || n > 9):
		return p, wrong("body", fmt.Sprintf("write the width in {%s} as a digit, as in {interval:3}", s))
	case hasWidth:
		p.width = n
	}
	return p, nil
}

// secret tells whether a parameter's value must not be shown.
func secret(name string) bool { return name == "password" || name == "login" }

// Shown is the body without the passwords that a template of one's own has as defaults; those of makers are in every manual.
func (t Template) Shown() string {
	if t.BuiltIn {
		return t.Body
	}
	places, err := t.places()
	if err != nil {
		return "" // None is kept that Check refuses.
	}
	var b strings.Builder
	for _, p := range places {
		if p.parameter == "" {
			b.WriteString(strings.ReplaceAll(p.text, "{", "{{"))
			continue
		}
		b.WriteString("{" + p.parameter)
		if p.width > 0 {
			b.WriteString(":" + strconv.Itoa(p.width))
		}
		switch {
		case p.preset == nil:
		case secret(p.parameter) && *p.preset != "":
			b.WriteString("=****")
		default:
			b.WriteString("=" + *p.preset)
		}
		b.WriteString("}")
	}
	return b.String()
}

// Write fills the parameters in. Shown is the same without what is secret. Errors are a [tracking.FieldError].
func (t Template) Write(values map[string]string) (body, shown string, err error) {
	places, err := t.places()
	if err != nil {
		return "", "", err
	}
	var whole, masked strings.Builder
	taken := make(map[string]bool)
	for _, p := range places {
		if p.parameter == "" {
			whole.WriteString(p.text)
			masked.WriteString(p.text)
			continue
		}
		taken[p.parameter] = true
		value, given := values[p.parameter]
		switch {
		case given:
			if err := checkValue(p, value); err != nil {
				return "", "", err
			}
		case p.preset != nil:
			value = *p.preset
		default:
			return "", "", wrong("parameters", fmt.Sprintf("give the parameter %q: %s of %s is written %s", p.parameter, t.Kind, t.Model, t.Shown()))
		}
		if pad := p.width - len(value); pad > 0 {
			value = strings.Repeat("0", pad) + value
		}
		whole.WriteString(value)
		if secret(p.parameter) && value != "" {
			value = "****"
		}
		masked.WriteString(value)
	}
	for name := range values {
		if !taken[name] {
			return "", "", wrong("parameters", fmt.Sprintf("leave out %q: %s of %s takes %s", name, t.Kind, t.Model, listed(taken)))
		}
	}
	return whole.String(), masked.String(), nil
}

func checkValue(p place, value string) error {
	if value == "" || len(value) > longestValue || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
		return wrong("parameters", fmt.Sprintf("give %q as 1 to %d plain characters", p.parameter, longestValue))
	}
	if p.parameter == "interval" || p.width > 0 {
		if n, err := strconv.Atoi(value); err != nil || n < 1 || p.width > 0 && len(value) > p.width {
			return wrong("parameters", fmt.Sprintf("give %q as a number%s", p.parameter, digits(p.width)))
		}
	}
	return nil
}

func digits(width int) string {
	if width == 0 {
		return ""
	}
	return fmt.Sprintf(" of at most %d digits", width)
}

func listed(names map[string]bool) string {
	if len(names) == 0 {
		return "no parameters"
	}
	all := make([]string, 0, len(names))
	for name := range names {
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func wrong(field, advice string) error {
	return &tracking.FieldError{Field: field, Advice: advice, Err: tracking.ErrInvalid}
}
