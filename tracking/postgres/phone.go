package postgres

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// normalPhone writes a number in E.164. The region is for numbers without a country
// code.
//
// Only the length is looked at: numbers of machines (M2M) are in no numbering plan
// that libraries know, and are longer than people's.
func normalPhone(number, region string) (string, bool) {
	parsed, err := phonenumbers.Parse(number, region)
	if err == nil && phonenumbers.IsPossibleNumber(parsed) {
		return phonenumbers.Format(parsed, phonenumbers.E164), true
	}
	digits, international := strings.CutPrefix(strings.TrimSpace(number), "+")
	// E.164: at most 15 digits, none of the country codes begins with 0.
	if international && len(digits) >= 8 && len(digits) <= 15 &&
		strings.Trim(digits, "0123456789") == "" && digits[0] != '0' {
		return "+" + digits, true
	}
	return "", false
}
