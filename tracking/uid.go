package tracking

import (
	"crypto/rand"
)

const (
	// maxUID bounds a uid in bytes.
	maxUID = 63
	// maxText bounds a display name or plate in bytes.
	maxText = 200
	// uidLength gives 30^9, 2e13, different ones: enough for the fleet, short enough
	// to be read out.
	uidLength = 9
	// uidLetters has none that are taken for another when they are read out.
	uidLetters = "23456789abcdefghjkmnpqrstvwxyz"
)

// NewUID makes up a uid that is short and can be read out.
func NewUID() string {
	// Reading random bytes never fails (crypto/rand ends the program instead).
	var random [uidLength]byte
	_, _ = rand.Read(random[:])
	for i, b := range random {
		// Slightly uneven, which is of no matter: uids are not secret.
		random[i] = uidLetters[int(b)%len(uidLetters)]
	}
	return string(random[:])
}

// CheckUID says whether a client may choose the uid: the error is a [FieldError] of
// field.
func CheckUID(field, uid string) error {
	ok := uid != "" && len(uid) <= maxUID && uid[0] != '-'
	for i := range len(uid) {
		c := uid[i]
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-')
	}
	if !ok {
		return invalid(field, "use 1 to 63 lower-case letters, digits and hyphens, the first not a hyphen; or leave it empty to have one made up")
	}
	return nil
}

// CheckText says whether a name or plate can be stored: the error is a [FieldError]
// of field.
func CheckText(field, text string) error {
	if len(text) > maxText || !storableText(text) {
		return invalid(field, "use at most 200 bytes of UTF-8 text")
	}
	return nil
}
