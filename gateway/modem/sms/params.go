package sms

import (
	"strconv"
	"strings"
)

// groups cuts the answer of a test command, `("SM","ME"),(0-3),1`, into its groups of values. A value outside of
// parentheses is a group of its own. Quotes are dropped.
func groups(s string) [][]string {
	var all [][]string
	var group []string
	var value strings.Builder
	depth, quoted := 0, false
	end := func() {
		if v := strings.TrimSpace(value.String()); v != "" {
			group = append(group, v)
		}
		value.Reset()
	}
	for _, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
			value.WriteRune(r)
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth > 0:
			end()
		case r == ',':
			end()
			all = append(all, group)
			group = nil
		default:
			value.WriteRune(r)
		}
	}
	end()
	return append(all, group)
}

// fields cuts `1,1,"a,b",26` at its commas outside of quotes, and drops the quotes.
func fields(s string) []string {
	var out []string
	var value strings.Builder
	quoted := false
	for _, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ',' && !quoted:
			out = append(out, strings.TrimSpace(value.String()))
			value.Reset()
		default:
			value.WriteRune(r)
		}
	}
	return append(out, strings.TrimSpace(value.String()))
}

// offers tells whether a group of a test command's answer holds the number: as itself, or in a range "0-3".
func offers(group []string, n int) bool {
	for _, v := range group {
		low, high, isRange := strings.Cut(v, "-")
		if !isRange {
			high = low
		}
		from, err1 := strconv.Atoi(strings.TrimSpace(low))
		to, err2 := strconv.Atoi(strings.TrimSpace(high))
		if err1 == nil && err2 == nil && from <= n && n <= to {
			return true
		}
	}
	return false
}

// Offers tells whether the answer of a test command offers the number in its group of that index: "(0,1,4),(0-1)" has 4
// in group 0.
func Offers(answer string, group, n int) bool {
	all := groups(answer)
	return group < len(all) && offers(all[group], n)
}
