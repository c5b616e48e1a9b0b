package link

import (
	"crypto/rand"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	// alphabet is Crockford's base 32: no I, L, O or U, which are read or heard as
	// something else.
	alphabet   = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength = 8
	// codeTries is how often another code is made up when one is taken. With a million
	// links one in a million is.
	codeTries = 3
)

// newCode makes up a code of 40 random bits.
func newCode() string {
	raw := make([]byte, codeLength)
	_, _ = rand.Read(raw) // it never fails
	for i, b := range raw {
		raw[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(raw)
}

// ShownCode is a code as people read it: in two halves.
func ShownCode(code string) string {
	if len(code) != codeLength {
		return code
	}
	return code[:codeLength/2] + "-" + code[codeLength/2:]
}

// ReadCode finds the code at the beginning of what somebody typed: in either case, with
// spaces or signs before and in it, and with the letters that are left out of the
// alphabet read as the digits that they look like. It is false where there is none.
func ReadCode(typed string) (code string, ok bool) {
	var read strings.Builder
	for _, c := range norm.NFKC.String(typed) {
		c = unicode.ToUpper(c)
		letter := unicode.IsLetter(c) || unicode.IsDigit(c)
		switch {
		case read.Len() == codeLength:
			// What follows may be words, but no more of a longer code.
			return read.String(), !letter
		case !letter:
			continue
		case c == 'O':
			c = '0'
		case c == 'I', c == 'L':
			c = '1'
		}
		if !strings.ContainsRune(alphabet, c) {
			return "", false
		}
		read.WriteRune(c)
	}
	return read.String(), read.Len() == codeLength
}

// readSecret finds the secret in an address of a link that somebody typed or pasted.
func readSecret(typed string) (secret string, ok bool) {
	_, after, found := strings.Cut(typed, pagePath)
	if !found {
		return "", false
	}
	end := strings.IndexFunc(after, func(c rune) bool {
		return c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '-' && c != '_'
	})
	if end >= 0 {
		after = after[:end]
	}
	return after, after != ""
}
