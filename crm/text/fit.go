package text

import (
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// What fits into one SMS, and into each part of one that has several (3GPP TS 23.040):
// in GSM 7-bit characters, and in 16-bit units of UCS-2.
const (
	gsmOne, gsmPart   = 160, 153
	ucs2One, ucs2Part = 70, 67
)

// mostParts is how many parts an answer may have that can't be written in GSM 7-bit. One
// that can has one.
const mostParts = 2

const (
	// gsmBasic is the default alphabet of 3GPP TS 23.038, without the escape.
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	// gsmExtended is its extension table: two characters each.
	gsmExtended = "\f^{}\\[~]|€"
)

// septets is how long the text is in GSM 7-bit characters; false where it has others.
func septets(s string) (int, bool) {
	n := 0
	for _, c := range s {
		switch {
		case strings.ContainsRune(gsmBasic, c):
			n++
		case strings.ContainsRune(gsmExtended, c):
			n += 2
		default:
			return 0, false
		}
	}
	return n, true
}

// parts is how many SMS the text takes.
func parts(s string) int {
	if n, ok := septets(s); ok {
		return over(n, gsmOne, gsmPart)
	}
	return over(len(utf16.Encode([]rune(s))), ucs2One, ucs2Part)
}

func over(n, one, part int) int {
	if n <= one {
		return 1
	}
	return (n + part - 1) / part
}

// fits says whether the text is as short as an answer has to be.
func fits(s string) bool {
	if _, ok := septets(s); ok {
		return parts(s) == 1
	}
	return parts(s) <= mostParts
}

// fold takes the marks off letters that GSM 7-bit has only without them, so that a
// name with one costs no more than the others.
func fold(s string) string {
	if _, ok := septets(s); ok {
		return s
	}
	var folded strings.Builder
	for _, c := range s {
		if _, ok := septets(string(c)); !ok {
			for _, d := range norm.NFKD.String(string(c)) {
				if !unicode.Is(unicode.Mn, d) {
					folded.WriteRune(plain(d))
				}
			}
			continue
		}
		folded.WriteRune(c)
	}
	if _, ok := septets(folded.String()); ok {
		return folded.String()
	}
	return s // It has letters that have no other form: nothing is won.
}

// plain is the sign of GSM 7-bit for one that is drawn better.
func plain(c rune) rune {
	switch c {
	case '’', '‘', 'ʻ', 'ʼ':
		return '\''
	case '“', '”':
		return '"'
	case '–', '—':
		return '-'
	}
	return c
}

// cut shortens the text to what fits, with dots where it is cut.
func cut(s string) string {
	const dots = "..."
	for runes := []rune(s); !fits(s) && len(runes) > 0; {
		runes = runes[:len(runes)-1]
		s = strings.TrimRightFunc(string(runes), unicode.IsSpace) + dots
	}
	return s
}
