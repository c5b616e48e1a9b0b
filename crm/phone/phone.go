// Package phone brings telephone numbers into the one form in which they are stored
// and compared: E.164.
package phone

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// ErrNumber says that something is no telephone number.
var ErrNumber = errors.New("not a telephone number")

// Region is the country whose national numbers are understood, as two capital
// letters of ISO 3166-1: `CN`, `DE`. Without one only international numbers are.
type Region string

// Normalize is the number in E.164; empty stays empty. The error is [ErrNumber] and
// says what to write.
func (r Region) Normalize(number string) (string, error) {
	number = strings.TrimSpace(number)
	if number == "" {
		return "", nil
	}
	e164, ok := format(number, string(r))
	if ok {
		// What doesn't read back as itself (+86 000...) is no number that anybody has.
		var again string
		again, ok = format(e164, "")
		ok = ok && again == e164
	}
	if !ok {
		example := "write it with + and the country's code"
		if r != "" {
			example = fmt.Sprintf("write it as in %s, or with + and the country's code", r)
		}
		return "", fmt.Errorf("%w: %s", ErrNumber, example)
	}
	return e164, nil
}

func format(number, region string) (string, bool) {
	parsed, err := phonenumbers.Parse(number, region)
	if err != nil || !phonenumbers.IsPossibleNumber(parsed) {
		return "", false
	}
	return phonenumbers.Format(parsed, phonenumbers.E164), true
}

// Subscriber says whether a number in E.164 is one that a person can have: no short code,
// no number of a service, and none whose calls cost extra.
func Subscriber(number string) bool {
	parsed, err := phonenumbers.Parse(number, "")
	if err != nil || !phonenumbers.IsValidNumber(parsed) {
		return false
	}
	switch phonenumbers.GetNumberType(parsed) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE, phonenumbers.FIXED_LINE, phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER:
		return true
	default:
		return false
	}
}

// Digits are the digits of what people write as a number, and nothing when it has
// anything but digits and the signs that group them.
func Digits(s string) string {
	var digits strings.Builder
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			digits.WriteRune(c)
		case !strings.ContainsRune(" +-./()", c):
			return ""
		}
	}
	return digits.String()
}
