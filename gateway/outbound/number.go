package outbound

import (
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Number writes a number in E.164, or says in a [tracking.FieldError] what is wrong with it. The region is for numbers
// without a country code. Numbers of machines are in no plan that a library knows, so only their length is looked at.
func Number(number, region string) (string, error) {
	number = strings.TrimSpace(number)
	parsed, err := phonenumbers.Parse(number, region)
	if err == nil && phonenumbers.IsPossibleNumber(parsed) {
		return phonenumbers.Format(parsed, phonenumbers.E164), nil
	}
	digits, international := strings.CutPrefix(number, "+")
	if international && len(digits) >= 8 && len(digits) <= 15 && strings.Trim(digits, "0123456789") == "" && digits[0] != '0' {
		return number, nil
	}
	return "", wrong("to", fmt.Sprintf("%q is not a phone number; give it with + and the country code", number))
}
