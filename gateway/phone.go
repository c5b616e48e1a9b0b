package gateway

import (
	"errors"
	"fmt"

	"github.com/nyaruka/phonenumbers"
)

// ErrNumber says that text is not a phone number.
var ErrNumber = errors.New("not a phone number; write it with + and the country code")

// E164 is the number in E.164, such as +8613800138000. A number without a country code is read as one of the country
// (two letters, ISO 3166). The error is [ErrNumber].
func E164(number, country string) (string, error) {
	parsed, err := phonenumbers.Parse(number, country)
	if err != nil {
		return "", fmt.Errorf("%q is %w", number, ErrNumber)
	}
	// Possible, not valid: numbering plans move faster than libraries, and units have numbers of plans of their own.
	if !phonenumbers.IsPossibleNumber(parsed) {
		return "", fmt.Errorf("%q is %w", number, ErrNumber)
	}
	return phonenumbers.Format(parsed, phonenumbers.E164), nil
}
