package sms

import (
	"strings"
	"time"

	"github.com/warthog618/sms/encoding/gsm7"

	"waybill/gateway/modem/charset"
)

// The types of number that matter (3GPP TS 23.040, 9.1.2.5).
const (
	international = 1
	alphanumeric  = 5
)

// address reads a sender: its type, its length in half-octets, and the octets.
func address(kind byte, length int, octets []byte) string {
	if kind>>4&0x07 == alphanumeric {
		charset.Prepare()
		name, err := gsm7.Decode(septets(octets, 0, length*4/7), gsm7.WithoutExtCharset)
		if err != nil {
			return ""
		}
		return strings.TrimRight(string(name), " \x00")
	}
	const digits = "0123456789*#abc"
	var number strings.Builder
	for i := range length {
		half := octets[i/2] >> (4 * (i % 2)) & 0x0f
		if int(half) < len(digits) { // 15 is fill.
			number.WriteByte(digits[half])
		}
	}
	if kind>>4&0x07 == international && number.Len() > 0 {
		return "+" + number.String()
	}
	return number.String()
}

// timestamp reads a service centre's time stamp: local time with its distance from UTC in quarters of an hour (3GPP TS
// 23.040, 9.2.3.11). It gives UTC, or the zero time for one that is none.
func timestamp(b []byte) time.Time {
	var f [6]int
	for i := range f {
		low, high := int(b[i]&0x0f), int(b[i]>>4) // Half-octets are swapped.
		if low > 9 || high > 9 {
			return time.Time{}
		}
		f[i] = 10*low + high
	}
	tens, units := int(b[6]&0x07), int(b[6]>>4)
	quarters := 10*tens + units
	if units > 9 || quarters > 14*4 {
		return time.Time{}
	}
	if b[6]&0x08 != 0 {
		quarters = -quarters
	}
	year := 2000 + f[0]
	if f[0] >= 70 {
		year = 1900 + f[0]
	}
	zone := time.FixedZone("", quarters*15*60)
	at := time.Date(year, time.Month(f[1]), f[2], f[3], f[4], f[5], 0, zone)
	// time.Date carries over what is out of range: the 31st of April is not sent by a clock that runs.
	if int(at.Month()) != f[1] || at.Day() != f[2] || at.Hour() != f[3] || at.Minute() != f[4] || at.Second() != f[5] {
		return time.Time{}
	}
	return at.UTC()
}
